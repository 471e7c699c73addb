import type { IngesterBatch } from "../batch.js"
import { Fifo } from "./fifo.js"

/*
 * One tranche's batches, in the order of admission. A batch counts how many streams it still waits for; it completes
 * when none is left and every older one has completed, exactly once. A pump that finds the window full waits here.
 */

/** An admitted batch that is not complete. */
export interface PendingBatch {
  readonly queue: BatchQueue
  /** Streams whose position has not reached what this batch requires. */
  open: number
  readonly onComplete: () => void
}

/** Until its streams are counted a batch is open, and stays so for ever when they cannot be. */
const notCounted = Infinity

interface Waiter {
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
  readonly signal: AbortSignal
  readonly onAbort: () => void
}

export class BatchQueue {
  readonly #limit: number
  readonly #pending = new Fifo<PendingBatch>()
  #waiters = new Fifo<Waiter>()
  #run: { signal: AbortSignal; onAbort: () => void } | undefined
  #closed = false
  #isStallReported = false

  constructor(limit: number) {
    this.#limit = limit
  }

  /** That of the run that feeds this queue; once it is aborted, what is pending here starts no more calls. */
  get signal(): AbortSignal {
    if (this.#run === undefined) throw new Error("BatchQueue: nobody feeds it")
    return this.#run.signal
  }

  /** From now on the run with this signal feeds the queue. */
  follow(signal: AbortSignal, onAbort: () => void): void {
    this.#run?.signal.removeEventListener("abort", this.#run.onAbort)
    this.#run = { signal, onAbort }
    signal.addEventListener("abort", onAbort, { once: true })
  }

  /** Nobody feeds the queue any more: pumps that wait reject, and no batch completes from now on. */
  close(reason: unknown): void {
    this.#closed = true
    this.#run?.signal.removeEventListener("abort", this.#run.onAbort)
    this.rejectWaiters(reason)
  }

  get isFull(): boolean {
    return this.#pending.length >= this.#limit
  }

  /** For when nothing is left to do: the window is full, and nobody knows yet. */
  get isStalled(): boolean {
    return this.isFull && !this.#isStallReported && !this.signal.aborted
  }

  /** Answers whether the stall was unknown. It counts as known until a batch completes. */
  reportStall(): boolean {
    if (!this.isStalled) return false
    this.#isStallReported = true
    return true
  }

  /** Keeps of the batch nothing but its callback, so that its items live no longer than their handling takes. */
  admit({ onComplete }: IngesterBatch): PendingBatch {
    const pending: PendingBatch = { queue: this, open: notCounted, onComplete }
    this.#pending.push(pending)
    return pending
  }

  /** Completes from the head every batch that waits for nothing, then lets as many waiting pumps go as there is room. */
  completeFromHead(): void {
    if (this.#closed) return
    if (this.#pending.head?.open === 0) this.#isStallReported = false
    while (this.#pending.head?.open === 0) (this.#pending.shift() as PendingBatch).onComplete()
    for (let room = this.#limit - this.#pending.length; room > 0 && this.#waiters.length > 0; room--)
      this.#release(this.#waiters.shift() as Waiter).resolve()
  }

  /** `undefined` when there is room, else a promise for it that rejects with the reason of the pump's signal. */
  capacity(signal: AbortSignal): void | Promise<void> {
    if (!this.isFull) return
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      const onAbort = () => this.rejectWaiters(signal.reason, signal)
      signal.addEventListener("abort", onAbort, { once: true })
      this.#waiters.push({ resolve, reject, signal, onAbort })
    })
  }

  /** Rejects the waiting pumps: all, or those with the given signal. */
  rejectWaiters(reason: unknown, signal?: AbortSignal): void {
    const waiters = this.#waiters
    this.#waiters = new Fifo()
    for (let waiter = waiters.shift(); waiter !== undefined; waiter = waiters.shift())
      if (signal === undefined || waiter.signal === signal) this.#release(waiter).reject(reason)
      else this.#waiters.push(waiter)
  }

  #release(waiter: Waiter): Waiter {
    waiter.signal.removeEventListener("abort", waiter.onAbort)
    return waiter
  }
}
