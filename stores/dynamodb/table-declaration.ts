/** What CreateTable and UpdateTable say of keys, indexes and capacity, and what the service demands of it. */
import type {
  AttributeDefinition,
  BillingMode,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  ProvisionedThroughput,
} from "@aws-sdk/client-dynamodb"
import { checkLength, requireMember } from "./request-validation.js"
import type { IndexDeclaration } from "./secondary-index.js"
import { invalidParameter, validationError } from "./service-error.js"
import { keySchemaOf } from "./table-schema.js"

/** @throws ServiceError ValidationException */
export function checkTableName(name: string | undefined): asserts name is string {
  requireMember("tableName", name)
  const constraint = constraintOn(name)
  if (constraint === undefined) return
  throw validationError(
    `1 validation error detected: Value '${name}' at 'tableName' failed to satisfy constraint: ${constraint}`,
  )
}

function constraintOn(name: string): string | undefined {
  if (name.length < 3) return "Member must have length greater than or equal to 3"
  if (name.length > 255) return "Member must have length less than or equal to 255"
  if (/^[a-zA-Z0-9_.-]+$/.test(name)) return undefined
  return "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
}

/** @throws ServiceError ValidationException */
export function checkThroughput(mode: BillingMode, throughput: ProvisionedThroughput | undefined): void {
  if (mode === "PAY_PER_REQUEST" && throughput)
    throw invalidParameter(
      "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    )
  const isWhole = throughput?.ReadCapacityUnits && throughput.WriteCapacityUnits
  if (mode === "PROVISIONED" && !isWhole)
    throw invalidParameter(
      "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
    )
}

/** @throws ServiceError ValidationException */
export function checkKeySchema(
  elements: readonly KeySchemaElement[],
  definitions: readonly AttributeDefinition[],
): void {
  checkLength("KeySchema", elements, 1, 2)
  const names = elements.map(({ AttributeName }) => AttributeName!)
  const defined = definitions.map(({ AttributeName }) => AttributeName!)
  if (names.some((name) => !defined.includes(name)))
    throw invalidParameter(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${names.join(", ")}], AttributeDefinitions: [${defined.join(", ")}]`,
    )
  if (names[0] === names[1])
    throw validationError("Both the Hash Key and the Range Key element in the KeySchema have the same name")
  if (elements[0]!.KeyType !== "HASH")
    throw validationError("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
  if (elements[1] && elements[1].KeyType !== "RANGE")
    throw validationError("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
}

/** Every attribute that is defined must be a key of the table or of an index. @throws ServiceError ValidationException */
export function checkDefinitions(
  definitions: readonly AttributeDefinition[],
  schemas: readonly (readonly KeySchemaElement[])[],
): void {
  const used = new Set(schemas.flat().map(({ AttributeName }) => AttributeName))
  if (definitions.every(({ AttributeName }) => used.has(AttributeName))) return
  if (schemas.length === 1)
    throw invalidParameter(
      "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
    )
  const names = definitions.map(({ AttributeName }) => AttributeName)
  throw invalidParameter(
    `Some AttributeDefinitions are not used. AttributeDefinitions: [${names.join(", ")}], keys used: [${[...used].join(", ")}]`,
  )
}

/** @throws ServiceError ValidationException */
export function globalIndex(
  index: GlobalSecondaryIndex,
  definitions: readonly AttributeDefinition[],
): IndexDeclaration {
  return { ...declared("global", index, definitions), throughput: index.ProvisionedThroughput }
}

/** @throws ServiceError ValidationException */
export function localIndex(
  index: LocalSecondaryIndex,
  definitions: readonly AttributeDefinition[],
  tableKey: readonly KeySchemaElement[],
): IndexDeclaration {
  if (tableKey.length < 2)
    throw invalidParameter(
      "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
    )
  const declaration = declared("local", index, definitions)
  const { name, keySchema } = declaration
  if (keySchema.length < 2) throw invalidParameter(`Index KeySchema does not have a range key for index: ${name}`)
  const [hash, tableHash] = [keySchema[0]!.AttributeName!, tableKey[0]!.AttributeName!]
  if (hash !== tableHash)
    throw invalidParameter(
      `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${name}. index hash key: ${hash}, table hash key: ${tableHash}`,
    )
  return declaration
}

function declared(
  kind: IndexDeclaration["kind"],
  index: LocalSecondaryIndex,
  definitions: readonly AttributeDefinition[],
): IndexDeclaration {
  requireMember("indexName", index.IndexName)
  requireMember("keySchema", index.KeySchema)
  requireMember("projection", index.Projection)
  checkKeySchema(index.KeySchema, definitions)
  const { ProjectionType, NonKeyAttributes } = index.Projection
  if (ProjectionType === undefined) throw invalidParameter("Unknown ProjectionType: null")
  if (NonKeyAttributes && ProjectionType !== "INCLUDE")
    throw invalidParameter(`ProjectionType is ${ProjectionType}, but NonKeyAttributes is specified`)
  if (!NonKeyAttributes && ProjectionType === "INCLUDE")
    throw invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
  return {
    kind,
    name: index.IndexName,
    keySchema: structuredClone(index.KeySchema),
    projection: structuredClone(index.Projection),
    throughput: undefined,
    schema: keySchemaOf(index.KeySchema, definitions),
  }
}

/** @throws ServiceError ValidationException */
export function checkIndexNames(indexes: readonly IndexDeclaration[]): void {
  const names = indexes.map(({ name }) => name)
  const double = names.find((name, at) => names.indexOf(name) !== at)
  if (double !== undefined) throw invalidParameter(`Duplicate index name: ${double}`)
  if (indexes.filter(({ kind }) => kind === "local").length > 5)
    throw invalidParameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5")
  if (indexes.filter(({ kind }) => kind === "global").length > 20)
    throw invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of 20")
}
