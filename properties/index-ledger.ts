import { decodeItem, type StoredItem } from "../stores/dynamo-store/stored-item.js"
import type { Happening } from "../sim/trace.js"
import type { AppendedEvent } from "./appended-event.js"
import { bodyDigest } from "./body-digest.js"
import type { Item } from "./dynamo-store-backend.js"
import { epochItem, type IndexedEvent, isSystemStream, textOf } from "./epoch-entries.js"
import { IndexSet } from "./index-set.js"
import { event as named } from "./wording.js"

export interface IndexLedgerOptions {
  /** Gets every event once, when it is in the index. */
  readonly tell: (event: AppendedEvent | Extract<Happening, { kind: "AppendedAgain" }>) => void
  /** Whether the indexers look back as far as it goes: then nothing may be indexed twice, or before what precedes it in its stream. */
  readonly isOnceOnly: () => boolean
}

/*
 * What was appended, and where it is in the index: read off the items of both tables, by nobody of the engine.
 *
 * To a consumer an event is appended when it is indexed for the first time, at the position of the index entry: several
 * events share one. Events that are in the events table only wait here. Items may be shown again and again, as they
 * grow; each stream's in the order of its indexes.
 */
export class IndexLedger {
  readonly #options: IndexLedgerOptions
  /** Bodies' digests of the events that are not indexed, by stream and index. */
  readonly #waiting = new Map<string, Map<number, string>>()
  readonly #written = new Map<string, number>()
  readonly #indexed = new Map<string, IndexSet>()
  /** The offset after the last entry that was looked at, by stream of the index. */
  readonly #entries = new Map<string, number>()
  readonly #places = new Map<string, string>()
  #tail = 0n
  #fault: string | undefined

  constructor(options: IndexLedgerOptions) {
    this.#options = options
  }

  /** What is wrong in the tables themselves, whatever consumers make of it. */
  get fault(): string | undefined {
    return this.#fault
  }

  get isIndexComplete(): boolean {
    return this.#waiting.size === 0
  }

  /** The events that the index does not have, with the position that they would have come at. */
  *unindexed(): IterableIterator<AppendedEvent> {
    for (const [stream, events] of this.#waiting)
      for (const [index, body] of events)
        yield { kind: "Appended", stream, index, tranche: onlyPartition, pos: this.#tail, body }
  }

  /** Takes an item of the events table. */
  takeEvents(item: Item): void {
    if (isSystemStream(item["p"]?.S ?? "$")) return
    const stored = decodeItem(item)
    const { stream, next, base, events } = stored
    const known = this.#written.get(stream) ?? 0
    if (Number(next) <= known) return
    this.#written.set(stream, Number(next))
    if (Number(base) > known) this.#fault ??= `${stream}: the events ${known} to ${base - 1n} are in no item`
    for (const event of events.slice(Math.max(0, known - Number(base)))) {
      const text = textOf(event)
      const ref = { stream, index: Number(event.index) }
      this.#writtenOnce(ref, text)
      if (this.#indexed.get(stream)?.has(ref.index) !== true)
        entryOf(this.#waiting, stream, () => new Map<number, string>()).set(ref.index, bodyDigest(event.type, text))
    }
  }

  /** Takes an item of the index table. */
  takeIndex(item: Item): void {
    const epoch = epochItem(item)
    const stream = item["p"]?.S
    if (epoch === undefined || stream === undefined) return
    const { partition: tranche, next } = epoch
    const known = this.#entries.get(stream) ?? 0
    for (const { offset, position, events } of epoch.entriesFrom(known)) {
      if (offset > (this.#entries.get(stream) ?? 0))
        this.#fault ??= `${stream}: an entry before ${offset} is in no item`
      this.#entries.set(stream, offset + 1)
      if (position >= this.#tail) this.#tail = position + 1n
      for (const event of events) this.#index(event, tranche, position)
    }
    if (next > known) this.#entries.set(stream, next)
  }

  #index({ stream, index }: IndexedEvent, tranche: string, pos: bigint): void {
    const indexed = entryOf(this.#indexed, stream, () => new IndexSet())
    const isRepeated = indexed.has(index)
    if (this.#options.isOnceOnly()) this.#fault ??= outOfTurn(stream, index, indexed)
    if (isRepeated) {
      this.#options.tell({ kind: "AppendedAgain", stream, index, tranche, pos })
      return
    }
    indexed.add(index, index + 1)
    const waiting = this.#waiting.get(stream)
    const body = waiting?.get(index)
    if (body === undefined) this.#fault ??= `the index names ${named({ stream, index })}, which nobody wrote`
    waiting?.delete(index)
    if (waiting?.size === 0) this.#waiting.delete(stream)
    this.#options.tell({ kind: "Appended", stream, index, tranche, pos, ...(body !== undefined && { body }) })
  }

  /** Bodies are unique, so that one that comes twice was written twice. */
  #writtenOnce(ref: IndexedEvent, text: string | undefined): void {
    if (text === undefined) return
    const place = this.#places.get(text)
    if (place === undefined) this.#places.set(text, named(ref))
    else this.#fault ??= `one event was written twice, as ${place} and as ${named(ref)}`
  }
}

function outOfTurn(stream: string, index: number, indexed: IndexSet): string | undefined {
  if (indexed.has(index)) return `${named({ stream, index })} was indexed twice`
  if (index > 0 && !indexed.has(index - 1))
    return `${named({ stream, index })} was indexed before the event that precedes it`
  return undefined
}

/** Partitions are never more than one. */
const onlyPartition = "0"

/** The items of one table, stream by stream, each in the order of its indexes. */
export function inOrder(items: readonly Item[]): readonly Item[] {
  const epochOf = (item: Item) => Number(/_(\d+)$/.exec(item["p"]?.S ?? "")?.[1] ?? 0)
  return items
    .map((item) => ({ item, stream: item["p"]?.S ?? "", epoch: epochOf(item), i: Number(item["i"]?.N) }))
    .sort((a, b) => a.epoch - b.epoch || compare(a.stream, b.stream) || a.i - b.i)
    .map(({ item }) => item)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** What is wrong with the items of the events table as a whole: each stream's events are there, in order, once. */
export function faultOf(items: readonly Item[]): string | undefined {
  let last: StoredItem | undefined
  const withoutTip = () => (last === undefined || last.isTip ? undefined : `${last.stream} has no Tip`)
  for (const item of inOrder(items)) {
    const stored = decodeItem(item)
    const isNew = last?.stream !== stored.stream
    if (isNew && withoutTip() !== undefined) break
    const due = isNew ? 0n : last!.next
    if (stored.base !== due) return `${stored.stream}: an item begins at ${stored.base} where ${due} is due`
    last = stored
  }
  return withoutTip()
}

function entryOf<V>(map: Map<string, V>, key: string, create: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = create()))
  return value
}
