/*
 * Events of one stream in order, out of the items that hold them.
 *
 * What is yielded is contiguous: each index once, none left out. Answers of different replicas may overlap, since a Tip's
 * events move to a calf; what was yielded is not yielded again. They may also leave a hole, when the replica that
 * answers for the calves is behind the one that answered for the Tip. Events never change, so a hole is mended on its
 * own: by a consistent read, then from the archive. What is in neither is missing, and that is an error, or with
 * `ignoreMissing` a warning. (The published package answers such a read with what there is.)
 */
import type { DynamoStoreContext } from "./dynamo-store-context.js"
import { lastItemBeginningAt, queryItems, readTip, type ItemsQuery } from "./items.js"
import { MissingEventsError } from "./missing-events-error.js"
import { RequestBudget } from "./request-budget.js"
import type { StoredEvent } from "./stored-event.js"
import type { StoredItem } from "./stored-item.js"

export class StreamEvents {
  readonly #context: DynamoStoreContext
  readonly #stream: string
  readonly #consistent: boolean
  readonly #budget: RequestBudget

  /** One read: requests are counted over its whole life. */
  constructor(context: DynamoStoreContext, stream: string, consistent: boolean) {
    this.#context = context
    this.#stream = stream
    this.#consistent = consistent
    this.#budget = new RequestBudget(stream, context.query)
  }

  tip(): Promise<StoredItem | undefined> {
    return readTip(this.#context, this.#stream, this.#consistent)
  }

  /** From the newest, which is at `before - 1`, down to `from`. Arrays are newest first. */
  async *backward(from: bigint, before: bigint, maxItems?: number): AsyncGenerator<StoredEvent[]> {
    // A filter on what `i` says already would have no effect but on the last item.
    const filter = from > 0n ? { endsAfter: from } : {}
    yield* this.#descend(
      from,
      before,
      this.#query({ direction: "backward", beginsBefore: before, ...filter }, maxItems),
    )
  }

  /** From the newest before `before`, or the newest of all, down to `from`. */
  async *backwardFromTip(from: bigint, before: bigint | undefined, maxItems?: number): AsyncGenerator<StoredEvent[]> {
    const tip = await this.tip()
    if (tip === undefined) return
    const end = before !== undefined && before < tip.next ? before : tip.next
    const events = newestFirst(tip, from, end)
    if (events.length > 0) yield events
    yield* this.backward(from, end < tip.base ? end : tip.base, maxItems)
  }

  /** The whole stream, newest first, without asking for the Tip before; its Tip is answered with the first events. */
  async *wholeBackward(): AsyncGenerator<{ readonly tip: StoredItem | undefined; readonly events: StoredEvent[] }> {
    const pages = this.#query({ direction: "backward" })
    const first = await pages.next()
    if (first.done === true || first.value[0] === undefined) return
    const newest = first.value[0]
    const tip = newest.isTip ? newest : await this.#missingTip(newest)
    if (tip === undefined) return
    yield { tip, events: newestFirst(tip, 0n, tip.next) }
    for await (const events of this.#descend(0n, tip.base, follow(first.value, pages))) yield { tip, events }
  }

  /**
   * From `from` up to `before` or the end of the stream. Costs requests for what is read, not for what is before it: the
   * published package reads, and filters out, all items before `from`.
   */
  async *forward(from: bigint, before: bigint | undefined, maxItems?: number): AsyncGenerator<StoredEvent[]> {
    yield* this.#ascend(from, before, await this.#pagesFrom(from, maxItems))
  }

  /** The item that holds `from`, those up to the Tip, and the Tip as it was read first: nothing that it follows is skipped. */
  async #pagesFrom(from: bigint, maxItems: number | undefined): Promise<AsyncIterable<StoredItem[]>> {
    if (from === 0n) return this.#query({ direction: "forward" }, maxItems)
    const tip = await this.tip()
    if (tip === undefined || tip.base <= from) return pagesOf(tip)
    const first = await lastItemBeginningAt(this.#context, this.#stream, from, this.#consistent, this.#budget)
    const after = first === undefined ? {} : { after: first.base }
    return pagesOf(first, this.#query({ direction: "forward", beginsBefore: tip.base, ...after }, maxItems), tip)
  }

  #query(query: Omit<ItemsQuery, "consistent">, maxItems?: number): AsyncGenerator<StoredItem[]> {
    const limit =
      maxItems === undefined ? {} : { maxItems: Math.max(1, Math.min(maxItems, this.#context.query.maxItems)) }
    return queryItems(this.#context, this.#stream, { ...query, ...limit, consistent: this.#consistent }, this.#budget)
  }

  async *#descend(from: bigint, before: bigint, pages: AsyncIterable<StoredItem[]>): AsyncGenerator<StoredEvent[]> {
    let top = before
    if (top <= from) return
    for await (const page of pages) {
      for (const item of page) {
        if (item.isTip || item.base >= top) continue
        const end = item.next > from ? item.next : from
        if (end < top) yield (await this.#mend(end, top)).reverse()
        yield newestFirst(item, from, top)
        top = item.base
        if (top <= from) return
      }
    }
    yield (await this.#mend(from, top)).reverse()
  }

  async *#ascend(
    from: bigint,
    before: bigint | undefined,
    pages: AsyncIterable<StoredItem[]>,
  ): AsyncGenerator<StoredEvent[]> {
    let next = from
    for await (const page of pages) {
      for (const item of page) {
        const end = before === undefined || item.base < before ? item.base : before
        if (end > next) yield await this.#mend(next, end)
        if (item.next > next) {
          const events = item.events.filter(({ index }) => index >= next && !(before !== undefined && index >= before))
          if (events.length > 0) yield events
          next = item.next
        }
        if (item.isTip || (before !== undefined && next >= before)) return
      }
    }
  }

  /** The events of a hole, in order. @throws MissingEventsError */
  async #mend(from: bigint, before: bigint): Promise<StoredEvent[]> {
    const { archiveTableName, query, warn } = this.#context
    const found = new Map<bigint, StoredEvent>()
    const size = Number(before - from)
    if (!this.#consistent) await this.#collect(from, before, false, found)
    if (found.size < size && archiveTableName !== undefined) await this.#collect(from, before, true, found)
    if (found.size < size) {
      const missing = this.#firstHole(from, before, found)
      if (!query.ignoreMissing) throw missing
      warn(missing.message)
    }
    return [...found.values()].sort((a, b) => (a.index < b.index ? -1 : 1))
  }

  async #collect(from: bigint, before: bigint, archived: boolean, into: Map<bigint, StoredEvent>): Promise<void> {
    const query: ItemsQuery = { direction: "backward", beginsBefore: before, consistent: !archived, archived }
    for await (const page of queryItems(this.#context, this.#stream, query, this.#budget))
      for (const item of page) {
        for (const event of item.events) if (event.index >= from && event.index < before) into.set(event.index, event)
        if (item.base <= from) return
      }
  }

  #firstHole(from: bigint, before: bigint, found: ReadonlyMap<bigint, StoredEvent>): MissingEventsError {
    let start = from
    while (found.has(start)) start++
    let end = start
    while (end < before && !found.has(end)) end++
    return new MissingEventsError(this.#stream, start, end)
  }

  /** Calves without a Tip: an old replica, or a Tip that is lost. @throws MissingEventsError */
  async #missingTip(newest: StoredItem): Promise<StoredItem | undefined> {
    const tip = await readTip(this.#context, this.#stream, true)
    if (tip !== undefined) return tip
    throw new MissingEventsError(this.#stream, newest.next, undefined)
  }
}

const newestFirst = (item: StoredItem, from: bigint, before: bigint): StoredEvent[] =>
  item.events.filter(({ index }) => index >= from && index < before).reverse()

async function* follow(first: StoredItem[], rest: AsyncIterable<StoredItem[]>): AsyncGenerator<StoredItem[]> {
  yield first
  yield* rest
}

async function* pagesOf(
  first: StoredItem | undefined,
  pages?: AsyncIterable<StoredItem[]>,
  last?: StoredItem,
): AsyncGenerator<StoredItem[]> {
  if (first !== undefined) yield [first]
  if (pages !== undefined) yield* pages
  if (last !== undefined) yield [last]
}
