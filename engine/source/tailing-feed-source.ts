import { messageOf } from "../error-message.js"
import { follow, isAbort, untilAbandoned } from "../abort.js"
import type { Batch, Sink } from "../batch.js"
import type { ICheckpoints } from "../checkpoints.js"
import { systemClock } from "../clock.js"
import type { Clock } from "../clock.js"
import { checkOptions, fn, has, integer, milliseconds, optional, text } from "../options.js"
import { systemRandom } from "../random.js"
import { Stats } from "../stats.js"
import { traceMetrics } from "../tracing.js"
import { systemWarn } from "../warning.js"
import type { Warn } from "../warning.js"
import { CheckpointWriter } from "./checkpoint-writer.js"
import { Crawling } from "./crawling.js"
import { Ingester } from "./ingester.js"
import { mustBeBigint } from "./position.js"
import { PersistentReading } from "./persistent-reading.js"
import { type FailureClass, type ReadFailureOptions, retryTransient } from "./read-failure.js"

/*
 * Feeds a sink from tranches that are read page by page, and keeps a checkpoint per tranche.
 *
 * A run of a tranche: load the position; then, side by side, the sink, the ingester, the checkpoint writer and the dump of
 * statistics, until the signal aborts or one of them fails; then, when the calls that were running have ended, one last
 * write of the checkpoint. Invariants: the first failure is the outcome, and it stops the other tranches of the same start
 * at once; a read that fails, of a page or of the stored position, is no failure of the run while it is to be repeated, and
 * meanwhile all else goes on.
 */

export interface TailingFeedSourceOptions extends ReadFailureOptions {
  /**
   * Yields the pages of a tranche from `position` on, and ends; called again for more, also after it has thrown. A crawl
   * that yields nothing counts as having found the tail.
   */
  readonly crawl: (trancheId: string, position: bigint, signal: AbortSignal) => AsyncIterable<Batch>
  /** What is to be thought of an error of `crawl`, or of the load of a position. Default: all are permanent. */
  readonly classify?: (error: unknown) => FailureClass
  readonly sink: Sink
  readonly checkpoints: ICheckpoints
  /** Name under which checkpoints are kept. */
  readonly groupName: string
  /** Pause before the next read after the tail was found, in milliseconds. */
  readonly tailSleepIntervalMs: number
  /** Pause between checkpoint writes, in milliseconds. */
  readonly checkpointIntervalMs: number
  /** How often to emit the metrics span, in milliseconds. Default: never. */
  readonly statsIntervalMs?: number
  /** First position of a tranche for which none is stored. Default: 0. */
  readonly establishOrigin?: (trancheId: string) => Promise<bigint>
  /** How many checkpoint writes in a row may fail before the run does. An integer of at least 1, default 1. */
  readonly maxCheckpointFailures?: number
  /**
   * How long a stop waits for a read in progress, for the stored position, or for a crawl to clean up, in milliseconds.
   * Default 5000.
   */
  readonly drainTimeoutMs?: number
  readonly clock?: Clock
  /** Takes what should be known and does not end the run. Default: Node's warnings. */
  readonly warn?: Warn
}

/** What is accepted for the options that the sources of all stores have. */
export const acceptedOfEverySource = {
  sink: has("start", "pump", "addTracingAttrs"),
  checkpoints: has("load", "commit"),
  groupName: text,
  tailSleepIntervalMs: milliseconds,
  statsIntervalMs: optional(milliseconds),
  maxCheckpointFailures: optional(integer(1)),
  drainTimeoutMs: optional(milliseconds),
  onReadFailure: optional(fn),
  readBackOffMs: optional(milliseconds),
  maxReadBackOffMs: optional(milliseconds),
  random: optional(has("next")),
  clock: optional(has("now", "sleep", "turn")),
  warn: optional(fn),
}

const accepted = {
  crawl: fn,
  ...acceptedOfEverySource,
  checkpointIntervalMs: milliseconds,
  establishOrigin: optional(fn),
  classify: optional(fn),
}

/** Ends the start with the error, unless it has another already. Answers whether the error is the outcome. */
type Failed = (error: unknown) => boolean

export class TailingFeedSource {
  /** What is read and handled, by tranche. */
  readonly stats: Stats
  /** @internal How reads are repeated: for stores that take several of them for a page. */
  readonly reading: PersistentReading
  readonly #options: TailingFeedSourceOptions
  readonly #clock: Clock
  readonly #warn: Warn

  /** @throws InvalidOptionError for the first option that is out of range. */
  constructor(options: TailingFeedSourceOptions) {
    checkOptions("TailingFeedSource", accepted, options)
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#warn = options.warn ?? systemWarn
    this.stats = new Stats(this.#clock)
    this.reading = new PersistentReading({
      classify: options.classify ?? (() => "permanent"),
      decide: options.onReadFailure ?? retryTransient,
      backOffMs: options.readBackOffMs ?? 100,
      maxBackOffMs: options.maxReadBackOffMs ?? 10_000,
      clock: this.#clock,
      random: options.random ?? systemRandom,
      warn: this.#warn,
      onFailure: (failure, decision) => this.stats.readFailed(failure, decision),
    })
    options.sink.addTracingAttrs({
      "eqx.consumer_group": options.groupName,
      "eqx.tail_sleep_interval_ms": options.tailSleepIntervalMs,
    })
  }

  /**
   * Runs one tranche, or several side by side, until `signal` aborts (resolves) or one of them fails (rejects with the first
   * failure, after the others have stopped); a read that is repeated has not failed. Either way running calls are waited for
   * as the sink's drain limit says, and the checkpoint of what was handled is stored, before it settles.
   */
  async start(tranches: string | readonly string[], signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { controller, release } = follow(signal)
    let failure: { error: unknown } | undefined
    const failed: Failed = (error) => {
      if (failure !== undefined) return false
      failure = { error }
      controller.abort(error)
      return true
    }
    await Promise.all([tranches].flat().map((id) => this.#run(id, controller.signal, failed).catch(failed)))
    release()
    if (failure !== undefined) throw failure.error
  }

  async #run(trancheId: string, signal: AbortSignal, failed: Failed): Promise<void> {
    this.stats.runStarted(trancheId)
    try {
      const position = await untilAbandoned(this.#load(trancheId, signal), signal, this.#patienceMs, this.#clock)
      if (signal.aborted) return
      mustBeBigint(position, `tranche ${trancheId}: the position that the checkpoint store loaded`)
      await this.#runFrom(position, trancheId, signal, failed)
    } catch (error) {
      if (!isAbort(error, signal)) throw error
    } finally {
      this.stats.runEnded(trancheId)
    }
  }

  #load(trancheId: string, signal: AbortSignal): Promise<bigint> {
    const { checkpoints, groupName, establishOrigin } = this.#options
    const what = `the stored position of tranche ${trancheId}`
    return this.reading.read({ what, trancheId }, signal, () => checkpoints.load(groupName, trancheId, establishOrigin))
  }

  async #runFrom(position: bigint, trancheId: string, signal: AbortSignal, failed: Failed): Promise<void> {
    const writer = this.#writer(trancheId, position)
    const ingester = this.#ingester(trancheId, position, writer, signal)
    await Promise.all([
      // A failure is known when it happens, and not when running calls have ended: others may fail meanwhile.
      this.#options.sink.start(signal, failed).catch(failed),
      ingester
        .run()
        .catch(failed)
        .then(() => ingester.close()),
      writer.run(signal).catch(failed),
      this.#dumpLoop(trancheId, signal).catch(failed),
    ])
    await writer.flush().catch((error: unknown) => {
      if (failed(error)) return
      this.#warn(`the last checkpoint of tranche ${trancheId} could not be stored: ${messageOf(error)}`)
    })
  }

  #ingester(trancheId: string, position: bigint, writer: CheckpointWriter, signal: AbortSignal): Ingester {
    const { crawl, sink, tailSleepIntervalMs } = this.#options
    const crawling = new Crawling({
      trancheId,
      crawl,
      reading: this.reading,
      onRead: () => this.stats.readBegins(trancheId),
      patienceMs: this.#patienceMs,
      clock: this.#clock,
      signal,
    })
    return new Ingester(position, {
      trancheId,
      crawling,
      sink,
      stats: this.stats,
      post: (position) => writer.post(position),
      tailSleepIntervalMs,
      clock: this.#clock,
      signal,
    })
  }

  #writer(trancheId: string, position: bigint): CheckpointWriter {
    const { checkpoints, groupName, checkpointIntervalMs, maxCheckpointFailures } = this.#options
    return new CheckpointWriter({
      checkpoints,
      groupName,
      trancheId,
      position,
      intervalMs: checkpointIntervalMs,
      maxFailures: maxCheckpointFailures ?? 1,
      clock: this.#clock,
      onSuperseded: (written, stored) => this.stats.emit("superseded", { trancheId, position: written, stored }),
    })
  }

  get #patienceMs(): number {
    return this.#options.drainTimeoutMs ?? 5000
  }

  async #dumpLoop(trancheId: string, signal: AbortSignal): Promise<void> {
    const { statsIntervalMs } = this.#options
    if (statsIntervalMs === undefined) return
    while (!signal.aborted) {
      await this.#clock.sleep(statsIntervalMs, signal)
      traceMetrics(trancheId, this.stats.takeMetrics(trancheId))
    }
  }
}
