/*
 * Batches: each item for itself, in the order of the request. What is throttled, held by a transaction or too much for one
 * answer stays unprocessed and is handed back.
 */
import type {
  BatchGetItemInput,
  BatchGetItemOutput,
  BatchWriteItemInput,
  BatchWriteItemOutput,
  KeysAndAttributes,
  WriteRequest,
} from "@aws-sdk/client-dynamodb"
import type { Item } from "../attribute-value.js"
import { Consumption, readUnits } from "../consumed-capacity.js"
import { type DatabaseState, throughputExceeded } from "../database-state.js"
import { project, type Projection } from "../expressions/index.js"
import { copyItem } from "../item-copy.js"
import { idOf, type ItemPlace } from "../item-locks.js"
import { carryOut, deleteOf, type ItemWrite, putOf, readKey, type WriteRequest as ItemRequest } from "../item-write.js"
import { checkKeyPaths } from "../key-paths.js"
import { projectionOf } from "../request-expressions.js"
import { checkLength, refuse, requireMember } from "../request-validation.js"
import { validationError } from "../service-error.js"
import type { Table } from "../table.js"
import { checkKey, KeyMismatch } from "../table-schema.js"
import { refuseMetrics } from "./collection-metrics.js"
import { legacyProjection } from "./legacy-parameters.js"

/** 16 MB. */
const maxBytes = 16_777_216

interface ItemRead extends ItemPlace {
  readonly key: Item
}

interface TableRead {
  /** As the request names the table. */
  readonly name: string
  readonly request: KeysAndAttributes
  readonly table: Table
  readonly projection: Projection | undefined
  readonly items: readonly ItemRead[]
}

export function batchGetItem(state: DatabaseState, input: BatchGetItemInput): BatchGetItemOutput {
  requireMember("requestItems", input.RequestItems)
  const requests = Object.entries(input.RequestItems)
  checkLength("RequestItems", requests, 1, Infinity)
  for (const [name, request] of requests) checkKeys(name, request)
  if (sum(requests.map(([, { Keys }]) => Keys!.length)) > 100)
    throw validationError("Too many items requested for the BatchGetItem call")
  const reads = requests.map(([name, request]) => tableReadOf(state, name, request))
  return new BatchRead(state).read(reads, input)
}

function checkKeys(name: string, request: KeysAndAttributes): void {
  refuse("BatchGetItem", request, legacyProjection)
  requireMember("keys", request.Keys)
  checkLength(`RequestItems.${name}.member.Keys`, request.Keys, 1, 100)
}

function tableReadOf(state: DatabaseState, name: string, request: KeysAndAttributes): TableRead {
  const projection = projectionOf(request)
  const table = state.table(name)
  checkKeyPaths(table, projection)
  const items = request.Keys!.map((given) => {
    const key = readKey(given)
    checkKey(table.schema, key)
    return { table, key, place: table.placeOf(key) }
  })
  checkDistinct(items)
  return { name, request, table, projection, items }
}

class BatchRead {
  readonly #state: DatabaseState
  readonly #consumption = new Consumption()
  readonly #responses: Record<string, Item[]> = {}
  readonly #unprocessed: Record<string, KeysAndAttributes> = {}
  #bytes = 0

  constructor(state: DatabaseState) {
    this.#state = state
  }

  read(reads: readonly TableRead[], { ReturnConsumedCapacity }: BatchGetItemInput): BatchGetItemOutput {
    for (const read of reads) this.#readTable(read)
    const requested = sum(reads.map(({ items }) => items.length))
    const unprocessed = sum(Object.values(this.#unprocessed).map(({ Keys }) => Keys!.length))
    if (requested === unprocessed) throw throughputExceeded()
    return {
      Responses: this.#responses,
      UnprocessedKeys: this.#unprocessed,
      ...this.#consumption.all(ReturnConsumedCapacity),
    }
  }

  #readTable({ name, request, table, projection, items }: TableRead): void {
    const asOf = this.#state.asOf("BatchGetItem", table, request.ConsistentRead)
    const responses: Item[] = (this.#responses[name] = [])
    const rest: Item[] = []
    for (const { key, place } of items) {
      const stored = table.rows.get(place, asOf)
      const size = stored?.size ?? 0
      if (this.#bytes + size > maxBytes || this.#state.isThrottled("BatchGetItem", table.name)) {
        rest.push(copyItem(key))
        continue
      }
      this.#bytes += size
      this.#consumption.read(table, readUnits(size, request.ConsistentRead === true))
      if (stored) responses.push(copyItem(projection ? project(projection, stored.item) : stored.item))
    }
    if (rest.length > 0) this.#unprocessed[name] = { ...structuredClone(request), Keys: rest }
  }
}

interface BatchWrite {
  /** As the request names the table. */
  readonly name: string
  readonly request: WriteRequest
  readonly write: ItemWrite
}

export function batchWriteItem(state: DatabaseState, input: BatchWriteItemInput): BatchWriteItemOutput {
  requireMember("requestItems", input.RequestItems)
  const requests = Object.entries(input.RequestItems)
  checkLength("RequestItems", requests, 1, 25)
  for (const [name, list] of requests) checkLength(`RequestItems.${name}.member`, list, 1, 25)
  if (sum(requests.map(([, list]) => list.length)) > 25)
    throw validationError("Too many items requested for the BatchWriteItem call")
  const read = requests.flatMap(([name, list]) =>
    list.map((request) => ({ name, request, write: requestOf(name, request) })),
  )
  const writes = read.map((one) => ({ ...one, write: onTable(state, one.write) }))
  checkDistinct(writes.map(({ write }) => write))
  for (const { write } of writes) refuseMetrics("BatchWriteItem", input, write.table)
  return carryOutAll(state, writes, input)
}

function carryOutAll(
  state: DatabaseState,
  writes: readonly BatchWrite[],
  { ReturnConsumedCapacity }: BatchWriteItemInput,
): BatchWriteItemOutput {
  const consumption = new Consumption()
  const rest: BatchWrite[] = []
  for (const one of writes) {
    const { table, place } = one.write
    if (state.locks.isHeld(table, place) || state.isThrottled("BatchWriteItem", table.name)) rest.push(one)
    else consumption.write(carryOut(state, one.write))
  }
  if (rest.length === writes.length) throw throughputExceeded()
  const UnprocessedItems: Record<string, WriteRequest[]> = {}
  for (const { name, request } of rest) (UnprocessedItems[name] ??= []).push(structuredClone(request))
  return {
    UnprocessedItems,
    ...consumption.all(ReturnConsumedCapacity),
  }
}

function requestOf(name: string, { PutRequest, DeleteRequest }: WriteRequest): ItemRequest {
  if ((PutRequest === undefined) === (DeleteRequest === undefined))
    throw validationError(
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
    )
  if (PutRequest) return putOf({ TableName: name, Item: PutRequest.Item })
  return deleteOf({ TableName: name, Key: DeleteRequest!.Key })
}

/** In a batch the service does not say what it is about a key that does not fit. */
function onTable(state: DatabaseState, request: ItemRequest): ItemWrite {
  try {
    return request.on(state)
  } catch (error) {
    throw error instanceof KeyMismatch ? new KeyMismatch() : error
  }
}

/** @throws ServiceError ValidationException */
function checkDistinct(items: readonly ItemPlace[]): void {
  const ids = new Set(items.map(({ table, place }) => idOf(table, place)))
  if (ids.size < items.length) throw validationError("Provided list of item keys contains duplicates")
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
