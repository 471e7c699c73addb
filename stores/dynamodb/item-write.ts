/*
 * A write of one item, as it stands in a request by itself, in a batch or in a transaction: read and checked first, then
 * decided by what is there, then done. Deciding changes nothing.
 */
import type {
  AttributeValue,
  ReturnValuesOnConditionCheckFailure,
  Update as UpdateRequest,
} from "@aws-sdk/client-dynamodb"
import { type Item, normalizeItem, sizeOfItem, validateItem } from "./attribute-value.js"
import type { DatabaseState } from "./database-state.js"
import { applyUpdate, type Condition, holds, parseCondition, parseUpdate, type Update } from "./expressions/index.js"
import { copyItem } from "./item-copy.js"
import type { Place } from "./partitions.js"
import { placeholdersOf, type WithPlaceholders } from "./request-expressions.js"
import { requireMember } from "./request-validation.js"
import type { Stored } from "./row.js"
import { checkIndexKeys } from "./secondary-index.js"
import { ServiceError, validationError } from "./service-error.js"
import type { Table, Written } from "./table.js"
import { checkKey, checkKeyInItem, keyOf } from "./table-schema.js"
import { checkKeyPaths, checkUpdateTargets } from "./key-paths.js"

/** 400 KB. */
const maxItemBytes = 409_600

/** A write that has been read: nothing is wrong with it as long as one does not look at the table. */
export interface WriteRequest<W extends ItemWrite = ItemWrite> {
  /** @throws ServiceError ResourceNotFoundException, ValidationException; SchemaMismatch where the key does not fit */
  readonly on: (state: DatabaseState) => W
}

export interface ItemWrite {
  readonly table: Table
  readonly key: Item
  readonly place: Place
  readonly condition: Condition | undefined
  /** Whether the item goes into the error when the condition does not hold. */
  readonly returnsItem: boolean
  /** What the item becomes. @throws ServiceError ValidationException */
  readonly after: (before: Stored | undefined) => Stored | undefined
}

interface Conditional extends WithPlaceholders {
  readonly TableName: string | undefined
  readonly ConditionExpression?: string | undefined
  readonly ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined
}

/** @throws ServiceError ValidationException, as those below */
export function putOf(request: Conditional & { readonly Item: Item | undefined }): WriteRequest {
  requireMember("tableName", request.TableName)
  requireMember("item", request.Item)
  const given = present(request.Item)
  validateItem(given)
  const condition = conditionOf(request)
  const item = normalizeItem(given)
  const stored = { item, size: sizeOfItem(item) }
  if (stored.size > maxItemBytes) throw validationError("Item size has exceeded the maximum allowed size")
  const on = (state: DatabaseState) => {
    const table = state.table(request.TableName)
    checkKeyInItem(table.schema, item)
    checkIndexKeys(table.indexes, item)
    checkKeyPaths(table, condition.condition)
    return { ...placed(table, keyOf(table.schema, item)), ...condition, after: () => stored }
  }
  return { on }
}

interface Keyed extends Conditional {
  readonly Key: Item | undefined
}

export function deleteOf(request: Keyed): WriteRequest {
  const condition = conditionOf(request)
  const place = keyed(request, condition.condition)
  return { on: (state) => ({ ...place(state), ...condition, after: () => undefined }) }
}

/** The ConditionCheck of a transaction: it writes nothing, and the item is held like any other. */
export function checkOf(request: Keyed): WriteRequest {
  requireMember("conditionExpression", request.ConditionExpression)
  const condition = conditionOf(request)
  const place = keyed(request, condition.condition)
  return { on: (state) => ({ ...place(state), ...condition, after: (before) => before }) }
}

export interface ItemUpdate extends ItemWrite {
  readonly update: Update | undefined
}

export function updateOf(request: Keyed & Partial<Pick<UpdateRequest, "UpdateExpression">>): WriteRequest<ItemUpdate> {
  const { update, condition } = expressionsOf(request)
  const place = keyed(request, update, condition)
  const on = (state: DatabaseState) => {
    const placed = place(state)
    const { table, key } = placed
    if (update) checkUpdateTargets(table, update)
    const after = (before: Stored | undefined) => updated(table, update, before?.item ?? key)
    return { ...placed, condition, returnsItem: returnsItem(request), update, after }
  }
  return { on }
}

function expressionsOf(request: Conditional & Partial<Pick<UpdateRequest, "UpdateExpression">>): {
  readonly update: Update | undefined
  readonly condition: Condition | undefined
} {
  const { UpdateExpression, ConditionExpression } = request
  const placeholders = placeholdersOf(request, { UpdateExpression, ConditionExpression })
  const update = UpdateExpression === undefined ? undefined : parseUpdate(UpdateExpression, placeholders)
  const condition =
    ConditionExpression === undefined
      ? undefined
      : parseCondition("ConditionExpression", ConditionExpression, placeholders)
  placeholders.assertAllUsed()
  return { update, condition }
}

function updated(table: Table, update: Update | undefined, item: Item): Stored {
  const after = update ? applyUpdate(update, item) : item
  const size = sizeOfItem(after)
  if (size > maxItemBytes) throw validationError("Item size to update has exceeded the maximum allowed size")
  checkIndexKeys(table.indexes, after)
  return { item: after, size }
}

/** @throws ServiceError ConditionalCheckFailedException */
export function checkCondition({ condition, returnsItem }: ItemWrite, before: Stored | undefined): void {
  if (condition === undefined || holds(condition, before?.item)) return
  throw new ServiceError("ConditionalCheckFailedException", conditionFailed, {
    ...(returnsItem && before && { Item: copyItem(before.item) }),
  })
}

const conditionFailed = "The conditional request failed"

export const transactionOngoing = "Transaction is ongoing for the item"

/** One write by itself, at once. @throws ServiceError TransactionConflictException, ConditionalCheckFailedException */
export function carryOut(state: DatabaseState, write: ItemWrite): Written {
  const { table, key, place } = write
  if (state.locks.isHeld(table, place)) throw new ServiceError("TransactionConflictException", transactionOngoing)
  const before = table.rows.get(place)
  checkCondition(write, before)
  return state.write(table, key, place, before, write.after(before))
}

/** The key of a request, normalized but not compared with a table. @throws ServiceError ValidationException */
export function readKey(key: Item | undefined): Item {
  requireMember("key", key)
  const given = present(key)
  validateItem(given)
  return normalizeItem(given)
}

function keyed(
  request: Keyed,
  ...expressions: readonly (Condition | Update | undefined)[]
): (state: DatabaseState) => Pick<ItemWrite, "table" | "key" | "place"> {
  requireMember("tableName", request.TableName)
  const key = readKey(request.Key)
  return (state) => {
    const table = state.table(request.TableName)
    checkKey(table.schema, key)
    checkKeyPaths(table, ...expressions)
    return placed(table, key)
  }
}

function placed(table: Table, key: Item): Pick<ItemWrite, "table" | "key" | "place"> {
  return { table, key, place: table.placeOf(key) }
}

function conditionOf(request: Conditional): Pick<ItemWrite, "condition" | "returnsItem"> {
  const { ConditionExpression } = request
  const placeholders = placeholdersOf(request, { ConditionExpression })
  if (ConditionExpression === undefined) return { condition: undefined, returnsItem: false }
  const condition = parseCondition("ConditionExpression", ConditionExpression, placeholders)
  placeholders.assertAllUsed()
  return { condition, returnsItem: returnsItem(request) }
}

function returnsItem(request: Conditional): boolean {
  return request.ReturnValuesOnConditionCheckFailure === "ALL_OLD"
}

/** Members that are undefined are as good as absent: on the wire they would be. */
function present(item: Item): Item {
  const values: (AttributeValue | undefined)[] = Object.values(item)
  if (!values.includes(undefined)) return item
  return Object.fromEntries(Object.entries(item).filter(([, value]) => (value as unknown) !== undefined))
}
