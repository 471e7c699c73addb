import type { QueryInput } from "@aws-sdk/client-dynamodb"
import type { DatabaseState } from "../database-state.js"
import { type KeyCondition, parseKeyCondition } from "../expressions/index.js"
import { beyond, type Bounds, boundsOf, everything, keyText, type RangeCondition } from "../key-order.js"
import { placeholdersOf } from "../request-expressions.js"
import { refuse, requireMember } from "../request-validation.js"
import { invalidParameter, validationError } from "../service-error.js"
import { startKey } from "../start-key.js"
import { checkKeyValue, type KeySchema } from "../table-schema.js"
import { legacyQuery } from "./legacy-parameters.js"
import {
  checkPageRequest,
  checkSelection,
  type PageOutput,
  readPage,
  selectionOf,
  type Source,
  sourceOf,
} from "./page.js"

/** What a query reads: a part of one partition. */
interface Part {
  readonly hash: string
  readonly range: RangeCondition | undefined
  readonly bounds: Bounds
}

export function query(state: DatabaseState, input: QueryInput): PageOutput {
  refuse("Query", input, legacyQuery)
  requireMember("tableName", input.TableName)
  checkPageRequest(input)
  const { FilterExpression, KeyConditionExpression, ProjectionExpression } = input
  const placeholders = placeholdersOf(input, { FilterExpression, KeyConditionExpression }, ProjectionExpression)
  if (KeyConditionExpression === undefined)
    throw validationError(
      "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
    )
  const selection = selectionOf(input, placeholders)
  const source = sourceOf(state, input)
  const { hash, range } = source.schema
  const names = { hash: hash.name, ...(range && { range: range.name }) }
  const condition = parseKeyCondition(KeyConditionExpression, placeholders, names)
  placeholders.assertAllUsed()
  checkSelection(source, selection, true)
  const part = partOf(source.schema, condition)
  const forward = input.ScanIndexForward ?? true
  const bounds = input.ExclusiveStartKey ? boundsBeyond(source, part, input.ExclusiveStartKey, forward) : part.bounds
  return readPage("Query", state, source, input, selection, (asOf, visit) =>
    source.rows.walk(part.hash, bounds, forward, asOf, visit),
  )
}

function partOf(schema: KeySchema, condition: KeyCondition): Part {
  const { hash, range } = schema
  checkOperands(schema, hash, [condition.hash])
  const text = keyText(hash.type, condition.hash)
  if (condition.range === undefined || range === undefined) return { hash: text, range: undefined, bounds: everything }
  const { operator, operands } = condition.range
  checkOperands(schema, range, operands)
  const rangeCondition = { operator, operands: operands.map((operand) => keyText(range.type, operand)) }
  return { hash: text, range: rangeCondition, bounds: boundsOf(rangeCondition) }
}

function checkOperands(
  schema: KeySchema,
  attribute: KeySchema["hash"],
  operands: readonly KeyCondition["hash"][],
): void {
  for (const operand of operands) {
    if (operand[attribute.type] === undefined)
      throw invalidParameter("Condition parameter type does not match schema type")
    checkKeyValue(schema, attribute, operand)
  }
}

function boundsBeyond(
  { table, index }: Source,
  part: Part,
  given: NonNullable<QueryInput["ExclusiveStartKey"]>,
  forward: boolean,
): Bounds {
  const { place } = startKey(table, index, given)
  const { from, to } = part.bounds
  const isWithin = place.sortKey >= from && (to === undefined || place.sortKey < to)
  if (part.range && !isWithin) throw validationError("The provided starting key does not match the range key predicate")
  if (place.hash !== part.hash)
    throw validationError("The provided starting key is outside query boundaries based on provided conditions")
  return beyond(part.bounds, place.sortKey, forward)
}
