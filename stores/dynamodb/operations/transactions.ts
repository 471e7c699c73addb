/*
 * Transactions. A transaction is decided as a whole: each of its items is looked at, and if one of them cannot be written
 * nothing is, and the answer gives a reason for each. What is decided is done in one turn, either at once or after the time
 * that the conditions of the service draw; meanwhile its items are held.
 */
import type {
  CancellationReason,
  Get,
  TransactGetItemsInput,
  TransactGetItemsOutput,
  TransactWriteItem,
  TransactWriteItemsInput,
  TransactWriteItemsOutput,
} from "@aws-sdk/client-dynamodb"
import { Consumption, readUnits } from "../consumed-capacity.js"
import type { DatabaseState } from "../database-state.js"
import { project, type Projection } from "../expressions/index.js"
import { copyItem } from "../item-copy.js"
import { idOf, type ItemPlace } from "../item-locks.js"
import {
  checkCondition,
  checkOf,
  deleteOf,
  type ItemWrite,
  putOf,
  readKey,
  transactionOngoing,
  updateOf,
  type WriteRequest,
} from "../item-write.js"
import { checkKeyPaths } from "../key-paths.js"
import { projectionOf } from "../request-expressions.js"
import { checkLength, requireMember } from "../request-validation.js"
import type { Stored } from "../row.js"
import { ServiceError, validationError } from "../service-error.js"
import { checkKey, SchemaMismatch } from "../table-schema.js"
import { refuseMetrics } from "./collection-metrics.js"

const maxItems = 100
/** 4 MB. */
const maxBytes = 4_194_304
/** A transaction costs twice as much. */
const factor = 2

/** What a transaction comes to for one of its items. */
interface Decision {
  readonly kind: "decided"
  readonly write: TransactionWrite
  readonly before: Stored | undefined
  readonly after: Stored | undefined
}

interface Refusal {
  readonly kind: "refused"
  readonly reason: CancellationReason
}

/** A transaction that is decided and holds its items until `commit` is called, which must be done once. */
export interface PreparedTransaction {
  commit(): TransactWriteItemsOutput
}

/**
 * Decides a transaction. Nothing is written yet, nor when it throws.
 * @throws ServiceError as the service answers, above all TransactionCanceledException
 */
export function prepareTransaction(state: DatabaseState, input: TransactWriteItemsInput): PreparedTransaction {
  const { TransactItems, ClientRequestToken: token, ReturnConsumedCapacity: asked } = input
  requireMember("transactItems", TransactItems)
  checkLength("TransactItems", TransactItems, 1, maxItems)
  if (token !== undefined) checkLength("ClientRequestToken", token, 1, 36)
  const requests = TransactItems.map(requestOf)
  const writes = onTables(requests.map((request) => () => request.on(state)))
  checkDistinct(writes)
  for (const { table } of writes) refuseMetrics("TransactWriteItems", input, table)
  if (token !== undefined && state.tokens.isRepeated(token, TransactItems))
    return { commit: () => repeated(writes).transaction(asked) }
  state.checkThroughput("TransactWriteItems", commonTable(writes))
  const decisions = decide(state, writes)
  state.locks.hold(writes)
  if (token !== undefined) state.tokens.begin(token, TransactItems)
  return {
    commit: () => {
      state.locks.release(writes)
      if (token !== undefined) state.tokens.succeed(token)
      return effect(state, decisions).transaction(asked)
    },
  }
}

/** All items on their tables. Where the keys of some do not fit, the transaction is cancelled. */
function onTables<T>(items: readonly (() => T)[]): readonly T[] {
  const reasons: CancellationReason[] = []
  const found = items.flatMap((item) => {
    try {
      const one = [item()]
      reasons.push({ Code: "None" })
      return one
    } catch (error) {
      if (!(error instanceof SchemaMismatch)) throw error
      reasons.push(reasonOf(error))
      return []
    }
  })
  if (found.length < items.length) throw cancelled(reasons)
  return found
}

function decide(state: DatabaseState, writes: readonly TransactionWrite[]): readonly Decision[] {
  const decided = writes.map((write) => decideOne(state, write))
  const decisions = decided.filter((one) => one.kind === "decided")
  if (decisions.length < decided.length)
    throw cancelled(decided.map((one) => (one.kind === "refused" ? one.reason : { Code: "None" })))
  const bytes = decisions.reduce((sum, { before, after }) => sum + Math.max(before?.size ?? 0, after?.size ?? 0), 0)
  if (bytes > maxBytes) throw validationError("Transaction size exceeded: the items of a transaction may have 4 MB")
  return decisions
}

function decideOne(state: DatabaseState, write: TransactionWrite): Decision | Refusal {
  const { table, place } = write
  if (state.locks.isHeld(table, place))
    return { kind: "refused", reason: { Code: "TransactionConflict", Message: transactionOngoing } }
  const before = table.rows.get(place)
  try {
    checkCondition(write, before)
    return { kind: "decided", write, before, after: write.after(before) }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return { kind: "refused", reason: reasonOf(error) }
  }
}

function reasonOf({ name, message, fields }: ServiceError): CancellationReason {
  const Code = name === "ConditionalCheckFailedException" ? "ConditionalCheckFailed" : "ValidationError"
  return { Code, Message: message, ...fields }
}

/** What was decided holds still, since nobody else could write the items. Of a table that is gone nothing is written. */
function effect(state: DatabaseState, decisions: readonly Decision[]): Consumption {
  const consumption = new Consumption()
  for (const { write, before, after } of decisions) {
    const { table, key, place } = write
    if (write.isCheck) consumption.check(table, before?.size ?? 0, factor)
    else if (state.tables.get(table.name) === table)
      consumption.write(state.write(table, key, place, before, after), factor)
  }
  return consumption
}

/** A request that was carried out already only looks at its items. */
function repeated(writes: readonly ItemWrite[]): Consumption {
  const consumption = new Consumption()
  for (const { table, place } of writes)
    consumption.read(table, factor * readUnits(table.rows.get(place)?.size ?? 0, true))
  return consumption
}

interface TransactionWrite extends ItemWrite {
  readonly isCheck: boolean
}

function requestOf(item: TransactWriteItem): WriteRequest<TransactionWrite> {
  const { ConditionCheck, Delete, Put, Update } = item
  if ([ConditionCheck, Delete, Put, Update].filter((action) => action !== undefined).length !== 1)
    throw validationError("TransactItems can only contain one of Check, Put, Update or Delete")
  const isCheck = ConditionCheck !== undefined
  const request = ConditionCheck ? checkOf(ConditionCheck) : writeRequestOf(item)
  return { on: (state) => ({ ...request.on(state), isCheck }) }
}

function writeRequestOf({ Delete, Put, Update }: TransactWriteItem): WriteRequest {
  if (Delete) return deleteOf(Delete)
  if (Put) return putOf(Put)
  requireMember("updateExpression", Update!.UpdateExpression)
  return updateOf(Update!)
}

/** @throws ServiceError ValidationException */
function checkDistinct(items: readonly ItemPlace[]): void {
  const ids = new Set(items.map(({ table, place }) => idOf(table, place)))
  if (ids.size < items.length)
    throw validationError("Transaction request cannot include multiple operations on one item")
}

function commonTable(items: readonly ItemPlace[]): string | undefined {
  const [first] = items
  return items.every(({ table }) => table === first!.table) ? first!.table.name : undefined
}

function cancelled(reasons: readonly CancellationReason[]): ServiceError {
  const codes = reasons.map(({ Code }) => Code).join(", ")
  return new ServiceError(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  )
}

interface TransactionRead extends ItemPlace {
  readonly projection: Projection | undefined
}

/** All items as they are at one time; an item that a transaction holds is a conflict. */
export function transactGetItems(state: DatabaseState, input: TransactGetItemsInput): TransactGetItemsOutput {
  const { TransactItems, ReturnConsumedCapacity } = input
  requireMember("transactItems", TransactItems)
  checkLength("TransactItems", TransactItems, 1, maxItems)
  const requests = TransactItems.map(({ Get }) => readRequestOf(Get))
  const reads = onTables(requests.map((request) => () => request(state)))
  checkDistinct(reads)
  state.checkThroughput("TransactGetItems", commonTable(reads))
  const isHeld = reads.map(({ table, place }) => state.locks.isHeld(table, place))
  if (isHeld.includes(true))
    throw cancelled(
      isHeld.map((held) => (held ? { Code: "TransactionConflict", Message: transactionOngoing } : { Code: "None" })),
    )
  const found = reads.map((read) => ({ ...read, stored: read.table.rows.get(read.place) }))
  const bytes = found.reduce((sum, { stored }) => sum + (stored?.size ?? 0), 0)
  if (bytes > maxBytes) throw validationError("Transaction size exceeded: the items of a transaction may have 4 MB")
  const consumption = new Consumption()
  for (const { table, stored } of found) consumption.read(table, factor * readUnits(stored?.size ?? 0, true))
  const Responses = found.map(({ projection, stored }) =>
    stored ? { Item: copyItem(projection ? project(projection, stored.item) : stored.item) } : {},
  )
  return { ...consumption.transaction(ReturnConsumedCapacity), Responses }
}

function readRequestOf(get: Get | undefined): (state: DatabaseState) => TransactionRead {
  requireMember("get", get)
  requireMember("tableName", get.TableName)
  const key = readKey(get.Key)
  const projection = projectionOf(get)
  return (state) => {
    const table = state.table(get.TableName)
    checkKey(table.schema, key)
    checkKeyPaths(table, projection)
    return { table, place: table.placeOf(key), projection }
  }
}
