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
  #head: Span | undefined
  #later: LaterSpans | undefined

  /** Index of the lowest event held, or -1. */
  get first(): number {
    return this.#head === undefined ? -1 : this.#head.first
  }

  get isEmpty(): boolean {
    return this.#head === undefined
  }

  /** Adds one event, unless its index is held already. */
  add(index: number, event: ITimelineEvent): void {
    const head = this.#head
    if (head === undefined) this.#head = spanOf(index, event)
    else if (index === head.end) this.#append(head, event)
    else if (index > head.end) (this.#later ??= new LaterSpans()).add(index, event)
    else if (index < head.first) this.#addBefore(head, index, event)
  }

  /** Removes the lowest span and answers its events. The queue must not be empty. */
  take(): ITimelineEvent[] {
    const head = this.#head
    if (head === undefined) throw new Error("SpanQueue.take: the queue is empty")
    this.#head = this.#nextLowest()
    return layOut(head)
  }

  /** Puts events back that were taken and not handled. Events that arrived meanwhile keep their place around them. */
  putBack(first: number, events: readonly ITimelineEvent[]): void {
    const head = this.#head
    const end = first + events.length
    if (events.length === 0) return
    if (head !== undefined && head.first < end) {
      events.forEach((event, i) => this.add(first + i, event))
      return
    }
    const part: Part = { events: [...events], next: undefined }
    this.#head = { first, end, head: part, tail: part }
    if (head === undefined) return
    if (head.first === end) join(this.#head, head)
    else (this.#later ??= new LaterSpans()).put(head)
  }

  /** Forgets every event below `min`. */
  dropBelow(min: number): void {
    while (this.#head !== undefined && this.#head.end <= min) this.#head = this.#nextLowest()
    const head = this.#head
    if (head === undefined || head.first >= min) return
    const part: Part = { events: layOut(head).slice(min - head.first), next: undefined }
    this.#head = { first: min, end: head.end, head: part, tail: part }
  }

  clear(): void {
    this.#head = undefined
    this.#later = undefined
  }

  #append(head: Span, event: ITimelineEvent): void {
    head.tail.events.push(event)
    head.end++
    const next = this.#later?.takeAt(head.end)
    if (next !== undefined) join(head, next)
  }

  #addBefore(head: Span, index: number, event: ITimelineEvent): void {
    const span = spanOf(index, event)
    if (span.end === head.first) join(span, head)
    else (this.#later ??= new LaterSpans()).put(head)
    this.#head = span
  }

  #nextLowest(): Span | undefined {
    const next = this.#later?.takeLowest()
    if (next === undefined) this.#later = undefined
    return next
  }
}

/** The spans above the first gap: found by where they begin, by where they end, and by any index they hold. */
class LaterSpans {
  readonly #byFirst = new Map<number, Span>()
  readonly #byEnd = new Map<number, Span>()
  readonly #held = new Set<number>()
  /** A heap of first indexes; those that no longer begin a span are passed over when they surface. */
  readonly #firsts = new MinHeap<number>()

  add(index: number, event: ITimelineEvent): void {
    if (this.#held.has(index)) return
    this.#held.add(index)
    const below = this.#byEnd.get(index)
    if (below === undefined) return this.#file(spanOf(index, event))
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

function spanOf(index: number, event: ITimelineEvent): Span {
  const part: Part = { events: [event], next: undefined }
  return { first: index, end: index + 1, head: part, tail: part }
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
