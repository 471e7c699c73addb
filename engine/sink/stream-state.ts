import type { StreamName } from "../stream-name.js"
import type { ITimelineEvent } from "../timeline-event.js"
import type { BatchQueue, PendingBatch } from "./batch-queue.js"
import type { Call } from "./call.js"
import { SpanQueue } from "./span-queue.js"

/** What one batch needs of one stream before it counts as handled. */
interface Requirement {
  readonly batch: PendingBatch
  /** The write position that the stream must reach: its highest index in the batch, plus 1. */
  position: number
  /** Orders dispatch: ascending over admissions, and inside a batch by first appearance. */
  readonly ticket: number
}

/** Of every stream that has no event. Streams of which only the position is remembered may be many. */
const nothing = new SpanQueue()

/**
 * - `idle`: new, and about to be one of the others; or done, when only the position is to be remembered.
 * - `ready`: in the ready queue.
 * - `busy`: one call in flight.
 * - `gap`: complete streams are required and the event at the position is missing.
 * - `pausing`: the last call made no progress; it is retried after a back-off.
 * - `failed`: a call threw; locked for the rest of the run.
 */
export type Phase = "idle" | "ready" | "busy" | "gap" | "pausing" | "failed"

/**
 * One stream as the sink knows it. `write` is the next index that is not handled, or -1 while unknown; it never
 * decreases. Events below it are not queued. Requirements are kept in the order of admission; the oldest one is held
 * in the state itself, because nearly always it is the only one.
 */
export class StreamState {
  readonly name: StreamName
  queue = nothing
  write = -1
  phase: Phase = "idle"
  /** The call in flight, while busy. */
  call: Call | undefined
  /** Calls in a row that made no progress. */
  stalls = 0
  /** Place in the order of dispatch: that of the oldest requirement, or a later one after a call without progress. */
  ticket = 0
  #batch: PendingBatch | undefined
  #position = -1
  #younger: Requirement[] | undefined
  /** Some younger requirement is lower than an older one, which only several tranches or late events bring about. */
  #unordered = false
  /** Its place among the streams of which only the position is remembered, see `IdleStreams`. */
  previous: StreamState | undefined
  next: StreamState | undefined

  constructor(name: StreamName) {
    this.name = name
  }

  /** Whether some batch waits for this stream. */
  get isRequired(): boolean {
    return this.#batch !== undefined
  }

  /** Whether the oldest batch that waits for this stream is of an ended run. */
  get isStale(): boolean {
    return this.#batch?.queue.signal.aborted === true
  }

  /** The queues of the batches that wait for this stream, some of them several times. */
  *waitingQueues(): Iterable<BatchQueue> {
    if (this.#batch !== undefined) yield this.#batch.queue
    for (const { batch } of this.#younger ?? []) yield batch.queue
  }

  enqueue(index: number, event: ITimelineEvent): void {
    if (this.call !== undefined && index >= this.call.first && index < this.call.behind) return
    if (this.queue === nothing) this.queue = new SpanQueue()
    this.queue.add(index, event)
  }

  /** Only the position is remembered from here on. */
  forgetEvents(): void {
    this.queue = nothing
  }

  /** The batch needs this stream to get to `position`. Answers whether this is the first it needs of the stream. */
  require(batch: PendingBatch, position: number, ticket: number): boolean {
    if (this.#batch === undefined) {
      this.#batch = batch
      this.#position = position
      this.ticket = ticket
      return true
    }
    if (this.#younger === undefined && this.#batch === batch) {
      this.#position = Math.max(this.#position, position)
      return false
    }
    return this.#requireAnother(batch, position, ticket)
  }

  /** Moves the position to `next` unless it is there or beyond, and forgets what lies below. */
  advance(next: number): void {
    if (next <= this.write) return
    this.write = next
    this.queue.dropBelow(next)
  }

  /** Takes off, and answers the batch of, a requirement that the position meets. */
  takeMet(): PendingBatch | undefined {
    const batch = this.#batch
    if (batch === undefined) return undefined
    if (this.#position > this.write) return this.#unordered ? this.#takeMetYounger() : undefined
    this.#dropOldest()
    return batch
  }

  /** Forgets what batches of ended runs require. */
  dropAborted(): void {
    this.#younger = this.#younger?.filter(({ batch }) => !batch.queue.signal.aborted)
    if (this.isStale) this.#dropOldest()
  }

  #requireAnother(batch: PendingBatch, position: number, ticket: number): boolean {
    const younger = (this.#younger ??= [])
    const last = younger.at(-1)
    if (last?.batch === batch) {
      last.position = Math.max(last.position, position)
      return false
    }
    if (position < (last?.position ?? this.#position)) this.#unordered = true
    younger.push({ batch, position, ticket })
    return true
  }

  #dropOldest(): void {
    const next = this.#younger?.shift()
    this.#batch = next?.batch
    this.#position = next?.position ?? -1
    if (next !== undefined) this.ticket = next.ticket
    else {
      this.#younger = undefined
      this.#unordered = false
    }
  }

  /** Visits at most one requirement per batch in progress. */
  #takeMetYounger(): PendingBatch | undefined {
    const at = this.#younger?.findIndex(({ position }) => position <= this.write) ?? -1
    return at < 0 ? undefined : this.#younger?.splice(at, 1)[0]?.batch
  }
}
