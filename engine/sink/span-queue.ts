import type { ITimelineEvent } from "../timeline-event.js"
import { MinHeap } from "./min-heap.js"

/*
 * The events of one stream that wait for a handler, as spans: ascending, disjoint, and separated by at least one
 * missing index. An index is held once; of two events for one index the one queued earlier stays. The lowest span is
 * at hand (`head`), because nearly always it is the only one; spans above a gap live in an index of their own.
 *
 * Cost: an event that follows the head costs O(1); one elsewhere O(log spans). Joining two spans links their parts
 * and copies nothing; a span is laid out as one array when it is taken.
 */

interface Part {
  readonly events: ITimelineEvent[]
  next: Part | undefined
}

/** Consecutive events `[first, end)` of one stream. */
interface Span {
  first: number
  end: number
  head: Part
  tail: Part
}

export class SpanQueue {
  /** The lowest span is `[#first, #end)`; nothing is held when it is empty. */
  #first = 0
  #end = 0
  /** Its only event, while it has no other: most spans never need an array. */
  #only: ITimelineEvent | undefined
  /** Its events otherwise, up to where spans were joined on. */
  #events: ITimelineEvent[] | undefined
  #joined: Span[] | undefined
  #later: LaterSpans | undefined

  /** Index of the lowest event held, or -1. */
  get first(): number {
    return this.isEmpty ? -1 : this.#first
  }

  get isEmpty(): boolean {
    return this.#first === this.#end
  }

  /** How many events are kept, in as many places as there are. */
  get held(): number {
    let held = this.#only === undefined ? 0 : 1
    held += this.#events?.length ?? 0
    for (const { head } of this.#joined ?? [])
      for (let part: Part | undefined = head; part !== undefined; part = part.next) held += part.events.length
    return held + (this.#later?.held ?? 0)
  }

  /** Adds one event, unless its index is held already. */
  add(index: number, event: ITimelineEvent): void {
    if (this.isEmpty) this.#leadWith(index, event)
    else if (index === this.#end) this.#append(event)
    else if (index > this.#end) (this.#later ??= new LaterSpans()).add(index, event)
    else if (index < this.#first) this.#leadBefore(index, [event])
  }

  /** Removes the lowest span and answers its events. The queue must not be empty. */
  take(): ITimelineEvent[] {
    const events = this.#layOut()
    this.#leadWithNext()
    return events
  }

  /** Puts events back that were taken and not handled. Events that arrived meanwhile keep their place around them. */
  putBack(first: number, events: readonly ITimelineEvent[]): void {
    if (events.length === 0) return
    if (this.isEmpty) return this.#lead(first, [...events])
    if (this.#first < first + events.length) return events.forEach((event, i) => this.add(first + i, event))
    this.#leadBefore(first, [...events])
  }

  /** Forgets every event below `min`. */
  dropBelow(min: number): void {
    while (!this.isEmpty && this.#end <= min) this.#leadWithNext()
    if (this.isEmpty || this.#first >= min) return
    const left = this.#layOut().slice(min - this.#first)
    this.#lead(min, left)
  }

  clear(): void {
    this.#first = this.#end = 0
    this.#only = this.#events = this.#joined = this.#later = undefined
  }

  #leadWith(index: number, event: ITimelineEvent): void {
    this.#first = index
    this.#end = index + 1
    this.#only = event
  }

  #lead(first: number, events: ITimelineEvent[]): void {
    this.#first = first
    this.#end = first + events.length
    this.#only = this.#joined = undefined
    this.#events = events
  }

  #leadWithNext(): void {
    const next = this.#later?.takeLowest()
    if (next === undefined) return this.clear()
    this.#lead(next.first, layOut(next))
  }

  #append(event: ITimelineEvent): void {
    this.#lastArray().push(event)
    this.#end++
    const next = this.#later?.takeAt(this.#end)
    if (next !== undefined) this.#join(next)
  }

  #lastArray(): ITimelineEvent[] {
    return this.#joined?.at(-1)?.tail.events ?? this.#leadingArray()
  }

  #leadingArray(): ITimelineEvent[] {
    if (this.#events !== undefined) return this.#events
    if (this.#only === undefined) throw new Error("SpanQueue: nothing is queued")
    this.#events = [this.#only]
    this.#only = undefined
    return this.#events
  }

  #join(next: Span): void {
    this.#leadingArray()
    ;(this.#joined ??= []).push(next)
    this.#end = next.end
  }

  /** Makes `events` the lowest span; they end at or below what was the lowest so far. */
  #leadBefore(first: number, events: ITimelineEvent[]): void {
    const above = this.#asSpan()
    this.#lead(first, events)
    if (this.#end === above.first) this.#join(above)
    else (this.#later ??= new LaterSpans()).put(above)
  }

  #layOut(): ITimelineEvent[] {
    return this.#joined === undefined ? this.#leadingArray() : layOut(this.#asSpan())
  }

  #asSpan(): Span {
    const span = spanOf(this.#first, this.#leadingArray())
    for (const next of this.#joined ?? []) join(span, next)
    // Events appended since the last span was joined on are in its array, but not in its bounds.
    span.end = this.#end
    return span
  }
}

/** The spans above the first gap: found by where they begin, by where they end, and by any index they hold. */
class LaterSpans {
  readonly #byFirst = new Map<number, Span>()
  readonly #byEnd = new Map<number, Span>()
  readonly #held = new Set<number>()
  /** A heap of first indexes; those that no longer begin a span are passed over when they surface. */
  readonly #firsts = new MinHeap<number>()

  get held(): number {
    return this.#held.size
  }

  add(index: number, event: ITimelineEvent): void {
    if (this.#held.has(index)) return
    this.#held.add(index)
    const below = this.#byEnd.get(index)
    if (below === undefined) return this.#file(spanOf(index, [event]))
    this.#byEnd.delete(index)
    below.tail.events.push(event)
    below.end++
    this.#joinAbove(below)
  }

  /** Files a whole span. It must not overlap any span held. */
  put(span: Span): void {
    for (let index = span.first; index < span.end; index++) this.#held.add(index)
    this.#file(span)
  }

  takeAt(first: number): Span | undefined {
    const span = this.#byFirst.get(first)
    if (span !== undefined) this.#remove(span)
    return span
  }

  takeLowest(): Span | undefined {
    for (;;) {
      const first = this.#firsts.pop()
      if (first === undefined) return undefined
      const span = this.takeAt(first)
      if (span !== undefined) return span
    }
  }

  #file(span: Span): void {
    this.#byFirst.set(span.first, span)
    this.#firsts.push(span.first, span.first)
    this.#joinAbove(span)
  }

  #joinAbove(span: Span): void {
    const above = this.#byFirst.get(span.end)
    if (above !== undefined) {
      this.#byFirst.delete(above.first)
      this.#byEnd.delete(above.end)
      join(span, above)
    }
    this.#byEnd.set(span.end, span)
  }

  #remove(span: Span): void {
    this.#byFirst.delete(span.first)
    this.#byEnd.delete(span.end)
    for (let index = span.first; index < span.end; index++) this.#held.delete(index)
  }
}

function spanOf(first: number, events: ITimelineEvent[]): Span {
  const part: Part = { events, next: undefined }
  return { first, end: first + events.length, head: part, tail: part }
}

function join(low: Span, high: Span): void {
  low.tail.next = high.head
  low.tail = high.tail
  low.end = high.end
}

function layOut(span: Span): ITimelineEvent[] {
  if (span.head.next === undefined) return span.head.events
  const events: ITimelineEvent[] = []
  for (let part: Part | undefined = span.head; part !== undefined; part = part.next)
    for (const event of part.events) events.push(event)
  return events
}
