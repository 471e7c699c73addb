import type { StreamName } from "../stream-name.js"
import type { ITimelineEvent } from "../timeline-event.js"
import type { PendingBatch } from "./batch-queue.js"
import { SpanQueue } from "./span-queue.js"

/** What one batch needs of one stream before it counts as handled. */
export interface Requirement {
  readonly stream: StreamState
  readonly batch: PendingBatch
  /** The write position that the stream must reach: its highest index in the batch, plus 1. */
  position: number
  /** Orders dispatch: ascending over admissions, and inside a batch by first appearance. */
  readonly ticket: number
  next: Requirement | undefined
}

/**
 * - `idle`: nothing queued; only the position is remembered.
 * - `ready`: in the ready queue.
 * - `busy`: one call in flight.
 * - `gap`: complete streams are required and the event at the position is missing.
 * - `pausing`: the last call made no progress; it is retried after a back-off.
 * - `failed`: a call threw; locked for the rest of the run.
 */
export type Phase = "idle" | "ready" | "busy" | "gap" | "pausing" | "failed"

/**
 * One stream as the sink knows it. `write` is the next index that is not handled, or -1 while unknown; it never
 * decreases. Events below it are not queued. Requirements are kept in ascending order of position.
 */
export class StreamState {
  readonly name: StreamName
  readonly queue = new SpanQueue()
  write = -1
  phase: Phase = "idle"
  /** The span in flight while busy: `[runningFirst, runningEnd)`. */
  runningFirst = -1
  runningEnd = -1
  /** Calls in a row that made no progress. */
  stalls = 0
  /** Place in the order of dispatch while ready. */
  ticket = 0
  /** The lowest requirement that is not met; the rest follow it. */
  requirements: Requirement | undefined
  /** The requirement of the batch that is being admitted, while it is. */
  newest: Requirement | undefined
  #lastRequirement: Requirement | undefined
  /** Called when the call in flight has ended. */
  onCallEnded: (() => void)[] | undefined
  // Links of the list of idle streams, least recently used first.
  older: StreamState | undefined
  younger: StreamState | undefined

  constructor(name: StreamName) {
    this.name = name
  }

  /** Whether the event at `index` is neither handled nor in the hands of the handler. */
  wants(index: number): boolean {
    if (index < this.write) return false
    return index < this.runningFirst || index >= this.runningEnd
  }

  enqueue(index: number, event: ITimelineEvent): void {
    if (this.wants(index)) this.queue.add(index, event)
  }

  require(requirement: Requirement): void {
    const last = this.#lastRequirement
    if (last === undefined) {
      this.requirements = this.#lastRequirement = requirement
    } else if (last.position <= requirement.position) {
      last.next = requirement
      this.#lastRequirement = requirement
    } else {
      this.#insert(requirement)
    }
  }

  /** Moves the position to `next` unless it is there or beyond, and forgets what lies below. */
  advance(next: number): void {
    if (next <= this.write) return
    this.write = next
    this.queue.dropBelow(next)
  }

  /** Takes off the list, and answers, the next requirement that the position meets. */
  takeMet(): Requirement | undefined {
    const requirement = this.requirements
    if (requirement === undefined || requirement.position > this.write) return undefined
    this.#dropFirst(requirement)
    return requirement
  }

  /** Forgets what batches of ended runs require. */
  dropAborted(): void {
    const kept: Requirement[] = []
    for (let r = this.requirements; r !== undefined; r = r.next) if (!r.batch.queue.signal.aborted) kept.push(r)
    this.requirements = this.#lastRequirement = undefined
    for (const requirement of kept) {
      requirement.next = undefined
      this.require(requirement)
    }
  }

  #dropFirst(first: Requirement): void {
    this.requirements = first.next
    if (first.next === undefined) this.#lastRequirement = undefined
  }

  /** At most one per batch in progress is there to be passed. */
  #insert(requirement: Requirement): void {
    let before: Requirement | undefined
    let after = this.requirements
    while (after !== undefined && after.position <= requirement.position) {
      before = after
      after = after.next
    }
    requirement.next = after
    if (before === undefined) this.requirements = requirement
    else before.next = requirement
  }
}
