import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { type Item, compare, equal, typeOf } from "../attribute-value.js"
import type { Condition, Operand } from "./condition.js"
import { valueAt } from "./document-path.js"
import type { Comparator } from "./syntax.js"

/*
 * A comparison is false when one of its operands is missing or of a type that the operator does not know; `<>` is the
 * exception: what is missing is different from everything.
 */

/** Whether the condition is true of the item; a missing item has no attributes. */
export function holds(condition: Condition, item: Item | undefined): boolean {
  return isTrue(condition, item ?? {})
}

function isTrue(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case "and":
      return isTrue(condition.left, item) && isTrue(condition.right, item)
    case "or":
      return isTrue(condition.left, item) || isTrue(condition.right, item)
    case "not":
      return !isTrue(condition.condition, item)
    case "attribute_exists":
      return valueAt(item, condition.path) !== undefined
    case "attribute_not_exists":
      return valueAt(item, condition.path) === undefined
    default:
      return operandsMatch(condition, item)
  }
}

function operandsMatch(condition: Exclude<Condition, LogicalOrExistence>, item: Item): boolean {
  const value = (operand: Operand) => valueOf(operand, item)
  switch (condition.kind) {
    case "comparison":
      return comparisonHolds(condition.operator, value(condition.left), value(condition.right))
    case "between":
      return (
        comparisonHolds("<=", value(condition.lower), value(condition.operand)) &&
        comparisonHolds("<=", value(condition.operand), value(condition.upper))
      )
    case "in":
      return condition.list.some((member) => comparisonHolds("=", value(condition.operand), value(member)))
    case "attribute_type":
      return typed(value(condition.operand)) === condition.type
    case "begins_with":
      return both(value(condition.operand), value(condition.part), beginsWith)
    case "contains":
      return both(value(condition.operand), value(condition.part), contains)
  }
}

type LogicalOrExistence = { readonly kind: "and" | "or" | "not" | "attribute_exists" | "attribute_not_exists" }

function valueOf(operand: Operand, item: Item): AttributeValue | undefined {
  if (operand.kind === "path") return valueAt(item, operand.path)
  if (operand.kind === "value") return operand.value
  const size = sizeOf(valueOf(operand.operand, item))
  return size === undefined ? undefined : { N: String(size) }
}

/** What the function `size` tells; undefined for a number, a boolean, null, and for what is missing. */
function sizeOf(value: AttributeValue | undefined): number | undefined {
  if (value?.S !== undefined) return value.S.length
  if (value?.B !== undefined) return value.B.length
  if (value?.M !== undefined) return Object.keys(value.M).length
  return (value?.L ?? value?.SS ?? value?.NS ?? value?.BS)?.length
}

function comparisonHolds(
  operator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  if (operator === "<>") return left === undefined || right === undefined || !equal(left, right)
  if (left === undefined || right === undefined) return false
  if (operator === "=") return equal(left, right)
  const order = compare(left, right)
  if (order === undefined) return false
  switch (operator) {
    case "<":
      return order < 0
    case "<=":
      return order <= 0
    case ">":
      return order > 0
    case ">=":
      return order >= 0
  }
}

function typed(value: AttributeValue | undefined) {
  return value === undefined ? undefined : typeOf(value)
}

function both(
  whole: AttributeValue | undefined,
  part: AttributeValue | undefined,
  test: (whole: AttributeValue, part: AttributeValue) => boolean,
): boolean {
  return whole !== undefined && part !== undefined && test(whole, part)
}

function beginsWith(whole: AttributeValue, part: AttributeValue): boolean {
  if (whole.S !== undefined && part.S !== undefined) return whole.S.startsWith(part.S)
  if (whole.B === undefined || part.B === undefined) return false
  return Buffer.compare(whole.B.subarray(0, part.B.length), part.B) === 0
}

/** A text in a text, bytes in bytes, a member of a set, an element of a list. */
function contains(whole: AttributeValue, part: AttributeValue): boolean {
  if (whole.L !== undefined) return whole.L.some((element) => equal(element, part))
  if (part.S !== undefined) return (whole.S ?? whole.SS)?.includes(part.S) ?? false
  if (part.N !== undefined) return whole.NS?.some((member) => equal({ N: member }, part)) ?? false
  const bytes = part.B
  if (bytes === undefined) return false
  if (whole.B !== undefined) return Buffer.from(whole.B).includes(Buffer.from(bytes))
  return whole.BS?.some((member) => Buffer.compare(member, bytes) === 0) ?? false
}
