import { EventEmitter } from "node:events"
import type { Batch } from "./batch.js"
import type { Clock } from "./clock.js"
import { InvalidOptionError } from "./options.js"
import type { ReadDecision, ReadFailure } from "./source/read-failure.js"
import type { TrancheMetrics } from "./tracing.js"

export interface StatsEvents {
  /** A page with events was read; emitted before it is pumped. */
  ingested: [{ trancheId: string; checkpoint: bigint; isTail: boolean; events: number }]
  /** A batch completed: all its events, and all batches before it, are handled. */
  completed: [{ trancheId: string; checkpoint: bigint; isTail: boolean; pendingBatches: number }]
  /** The end of the tranche was read while no batch was pending. */
  tail: [{ trancheId: string }]
  /** A commit was not written, because the store holds a higher position: somebody else is ahead. */
  superseded: [{ trancheId: string; position: bigint; stored: bigint }]
  /** A read failed, and this is what is done about it. */
  readFailed: [failure: ReadFailure, decision: ReadDecision]
}

class TrancheStats {
  pagesRead = 0
  pagesEmpty = 0
  eventsRead = 0
  readsFailed = 0
  admitted = 0
  completed = 0
  atTail = false
  readPosition = -1n
  completedPosition = -1n
  /** The read in progress: its number in the source, and when it began. */
  readNumber = 0
  readBegan = 0
}

interface TailWaiter {
  /** Reads with a higher number began after the call. */
  readonly afterRead: number
  readonly notBefore: number
  /** Per tranche that found the tail: how many of its batches have to be complete. */
  readonly mustComplete: Map<string, number>
  readonly resolve: () => void
  readonly reject: (reason: Error) => void
}

/**
 * What a source reads and handles, by tranche, as events and as counters. A listener that throws fails the run.
 */
export class Stats extends EventEmitter<StatsEvents> {
  readonly #clock: Clock
  readonly #tranches = new Map<string, TrancheStats>()
  #waiters: TailWaiter[] = []
  #lastRead = 0
  #ended: Error | undefined

  constructor(clock: Clock) {
    super()
    this.#clock = clock
  }

  /**
   * Resolves when everything that was appended before the call has been handled: for every tranche the source was
   * started with, a read that began at least `propagationDelay` ms after the call has found the tail, and every batch
   * read before that is complete. A source that is idle answers after one poll. Rejects when the source, or a tranche
   * for which that does not hold yet, ends first.
   */
  waitForTail(propagationDelay = 0): Promise<void> {
    if (!(propagationDelay >= 0)) {
      const accepted = "a number of milliseconds of at least 0"
      return Promise.reject(new InvalidOptionError("Stats.waitForTail", "propagationDelay", propagationDelay, accepted))
    }
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) =>
      this.#waiters.push({
        afterRead: this.#lastRead,
        notBefore: this.#clock.now() + propagationDelay,
        mustComplete: new Map(),
        resolve,
        reject,
      }),
    )
  }

  /** Counters of one tranche since the last call; those of pages, events and failed reads start again at 0. */
  takeMetrics(trancheId: string): TrancheMetrics {
    const stats = this.#of(trancheId)
    const { pagesRead, pagesEmpty, eventsRead, readsFailed, atTail, readPosition, completedPosition } = stats
    stats.pagesRead = stats.pagesEmpty = stats.eventsRead = stats.readsFailed = 0
    return { pagesRead, pagesEmpty, eventsRead, readsFailed, atTail, readPosition, completedPosition }
  }

  /** @internal The source starts a run of the tranche. */
  runStarted(trancheId: string): void {
    if (this.#tranches.has(trancheId)) throw new Error(`tranche ${trancheId} is running already on this source`)
    this.#ended = undefined
    this.#tranches.set(trancheId, new TrancheStats())
  }

  /** @internal The run of the tranche is over; with the last one the source has ended. */
  runEnded(trancheId: string): void {
    const stats = this.#of(trancheId)
    const left = this.#waiters.filter((waiter) => !isHandled(trancheId, stats, waiter))
    this.#tranches.delete(trancheId)
    for (const waiter of this.#waiters) waiter.mustComplete.delete(trancheId)
    if (this.#tranches.size === 0) {
      this.#ended = new Error("waitForTail: the source has ended")
      return this.#reject(this.#waiters, this.#ended)
    }
    this.#reject(left, new Error(`waitForTail: tranche ${trancheId} ended before all of it was handled`))
    this.#answerWaiters()
  }

  /** @internal A read begins. */
  readBegins(trancheId: string): void {
    const stats = this.#of(trancheId)
    stats.readNumber = ++this.#lastRead
    stats.readBegan = this.#clock.now()
  }

  /** @internal A page was read. */
  pageRead(trancheId: string, page: Batch): void {
    const stats = this.#of(trancheId)
    const events = page.items.length
    stats.pagesRead++
    stats.eventsRead += events
    stats.atTail = page.isTail
    stats.readPosition = page.checkpoint
    if (events === 0) stats.pagesEmpty++
    else {
      stats.admitted++
      this.emit("ingested", { trancheId, checkpoint: page.checkpoint, isTail: page.isTail, events })
    }
    if (!page.isTail) return
    if (stats.admitted === stats.completed) this.emit("tail", { trancheId })
    this.#tailFound(trancheId, stats)
  }

  /** @internal A read failed. */
  readFailed(failure: ReadFailure, decision: ReadDecision): void {
    const { trancheId } = failure
    if (trancheId !== undefined) this.#of(trancheId).readsFailed++
    this.emit("readFailed", failure, decision)
  }

  /** @internal A batch completed. */
  batchCompleted(trancheId: string, checkpoint: bigint, isTail: boolean): void {
    const stats = this.#of(trancheId)
    stats.completed++
    stats.completedPosition = checkpoint
    const pendingBatches = stats.admitted - stats.completed
    this.emit("completed", { trancheId, checkpoint, isTail, pendingBatches })
    this.#answerWaiters()
  }

  #of(trancheId: string): TrancheStats {
    const stats = this.#tranches.get(trancheId)
    if (stats === undefined) throw new Error(`Stats: tranche ${trancheId} is not running`)
    return stats
  }

  #tailFound(trancheId: string, stats: TrancheStats): void {
    for (const waiter of this.#waiters)
      if (stats.readNumber > waiter.afterRead && stats.readBegan >= waiter.notBefore)
        if (!waiter.mustComplete.has(trancheId)) waiter.mustComplete.set(trancheId, stats.admitted)
    this.#answerWaiters()
  }

  #answerWaiters(): void {
    if (this.#waiters.length === 0) return
    const answered = this.#waiters.filter((waiter) => this.#isAnswered(waiter))
    if (answered.length === 0) return
    this.#waiters = this.#waiters.filter((waiter) => !answered.includes(waiter))
    for (const waiter of answered) waiter.resolve()
  }

  #reject(waiters: readonly TailWaiter[], reason: Error): void {
    this.#waiters = this.#waiters.filter((waiter) => !waiters.includes(waiter))
    for (const waiter of waiters) waiter.reject(reason)
  }

  #isAnswered(waiter: TailWaiter): boolean {
    return [...this.#tranches].every(([trancheId, stats]) => isHandled(trancheId, stats, waiter))
  }
}

function isHandled(trancheId: string, stats: TrancheStats, waiter: TailWaiter): boolean {
  const mustComplete = waiter.mustComplete.get(trancheId)
  return mustComplete !== undefined && stats.completed >= mustComplete
}
