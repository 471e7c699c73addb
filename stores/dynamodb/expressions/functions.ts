import type { ExpressionKind } from "./expression-kind.js"

const conditions: ReadonlySet<string> = new Set([
  "attribute_exists",
  "attribute_not_exists",
  "attribute_type",
  "begins_with",
  "contains",
])

const values: ReadonlySet<string> = new Set(["if_not_exists", "list_append"])

/**
 * Why a call cannot be where it is; undefined if it can.
 * @param standsAlone - it is a condition, or all that is assigned, and not an operand of something else
 */
export function misplacedFunction(kind: ExpressionKind, name: string, standsAlone: boolean): string | undefined {
  if (!conditions.has(name) && !values.has(name) && name !== "size") {
    return `Invalid function name; function: ${name}`
  }
  if (kind === "UpdateExpression") {
    if (!values.has(name)) return `The function is not allowed in an update expression; function: ${name}`
    if (standsAlone || name === "if_not_exists") return undefined
  } else {
    if (values.has(name)) return `The function is not allowed in a condition expression; function: ${name}`
    if (standsAlone === conditions.has(name)) return undefined
  }
  return `The function is not allowed to be used this way in an expression; function: ${name}`
}
