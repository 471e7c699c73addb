import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { validationError } from "../service-error.js"
import { type Condition, type Operand, parseCondition } from "./condition.js"
import { type DocumentPath, assertKeysAreScalars } from "./document-path.js"
import { pathsOf } from "./paths.js"
import type { Placeholders } from "./placeholders.js"
import type { Comparator } from "./syntax.js"

export type KeyOperator = "=" | "<" | "<=" | ">" | ">=" | "BETWEEN" | "begins_with"

/** One partition, and what part of it. */
export interface KeyCondition {
  readonly hash: AttributeValue
  readonly range?: RangeCondition
}

export interface RangeCondition {
  readonly operator: KeyOperator
  /** Two for BETWEEN, else one. */
  readonly operands: readonly AttributeValue[]
}

/** The key's attributes, of a table or of an index. */
export interface KeyAttributes {
  readonly hash: string
  readonly range?: string
}

interface OneKey extends RangeCondition {
  readonly attribute: string
}

const mirrored = { "=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const

const invalidCondition = (problem: string) => validationError(`Invalid condition in KeyConditionExpression: ${problem}`)
const invalidOperator = (operator: string) =>
  validationError(`Invalid operator used in KeyConditionExpression: ${operator}`)

/**
 * That the types of the values are those of the key's attributes is not looked at.
 * @throws ServiceError ValidationException with the service's text for whatever is wrong with the expression
 */
export function parseKeyCondition(text: string, placeholders: Placeholders, schema: KeyAttributes): KeyCondition {
  const condition = parseCondition("KeyConditionExpression", text, placeholders)
  assertKeysAreScalars(pathsOf(condition), Object.values(schema))
  const found = new Map<string, RangeCondition>()
  for (const { attribute, operator, operands } of conditionsOf(condition)) {
    if (found.has(attribute)) {
      throw validationError("KeyConditionExpressions must only contain one condition per key")
    }
    found.set(attribute, { operator, operands })
  }
  return keyCondition(found, schema)
}

function keyCondition(found: ReadonlyMap<string, RangeCondition>, schema: KeyAttributes): KeyCondition {
  if (found.size > 2) throw validationError("Conditions can be of length 1 or 2 only")
  if (found.size === 2 && schema.range === undefined) throw notSupported()
  const hash = found.get(schema.hash)
  if (hash === undefined) throw missed(schema.hash)
  if (hash.operator !== "=") throw notSupported()
  if (found.size === 1) return { hash: hash.operands[0]! }
  const range = found.get(schema.range!)
  if (range === undefined) throw missed(schema.range!)
  return { hash: hash.operands[0]!, range }
}

function notSupported() {
  return validationError("Query key condition not supported")
}

function missed(attribute: string) {
  return validationError(`Query condition missed key schema element: ${attribute}`)
}

/** From left to right, one by one: a key that comes twice is told before what is wrong further on. */
function* conditionsOf(condition: Condition): Generator<OneKey, void> {
  switch (condition.kind) {
    case "and":
      yield* conditionsOf(condition.left)
      yield* conditionsOf(condition.right)
      break
    case "or":
    case "not":
    case "in":
      throw invalidOperator(condition.kind.toUpperCase())
    case "comparison":
      if (condition.operator === "<>") throw invalidOperator("<>")
      yield comparison(condition.operator, condition.left, condition.right)
      break
    case "between":
      yield onFirst("BETWEEN", condition.operand, [condition.lower, condition.upper])
      break
    case "begins_with":
      yield onFirst("begins_with", condition.operand, [condition.part])
      break
    default:
      throw invalidOperator(condition.kind)
  }
}

function comparison(operator: Exclude<Comparator, "<>">, left: Operand, right: Operand): OneKey {
  const { attribute, values } = split([left, right])
  return { attribute, operator: left.kind === "value" ? mirrored[operator] : operator, operands: values }
}

function onFirst(operator: "BETWEEN" | "begins_with", first: Operand, rest: Operand[]): OneKey {
  if (first.kind === "value") {
    throw invalidCondition(`${operator} operator must have the key attribute as its first operand`)
  }
  const { attribute, values } = split([first, ...rest])
  return { attribute, operator, operands: values }
}

/** The one attribute among the operands, and the values. */
function split(operands: readonly Operand[]): { attribute: string; values: readonly AttributeValue[] } {
  let attribute: string | undefined
  const values: AttributeValue[] = []
  for (const operand of operands) {
    if (operand.kind === "size") throw validationError("KeyConditionExpressions cannot contain nested operations")
    if (operand.kind === "value") values.push(operand.value)
    else if (attribute === undefined) attribute = attributeAt(operand.path)
    else throw invalidCondition("Multiple attribute names used in one condition")
  }
  if (attribute === undefined) throw invalidCondition("No key attribute specified")
  return { attribute, values }
}

function attributeAt(path: DocumentPath): string {
  if (path.length > 1) throw validationError("KeyConditionExpressions cannot have conditions on nested attributes")
  return String(path[0])
}
