/** The expression language of DynamoDB: what an expression means, apart from tables and requests. */
export { applyUpdate } from "./apply-update.js"
export { type Condition, parseCondition } from "./condition.js"
export type { DocumentPath } from "./document-path.js"
export { holds } from "./holds.js"
export { type KeyAttributes, type KeyCondition, type RangeCondition, parseKeyCondition } from "./key-condition.js"
export { Placeholders, assertPlaceholdersAllowed } from "./placeholders.js"
export { type Projection, parseProjection, project } from "./projection.js"
export { type Update, parseUpdate, pathsOf, touched } from "./update.js"
