import type { Attributes } from "@opentelemetry/api"
import type { IngesterBatch, Sink } from "../batch.js"
import { systemClock } from "../clock.js"
import type { Clock } from "../clock.js"
import { checkOptions, flag, fn, has, integer, milliseconds, optional } from "../options.js"
import type { StreamName } from "../stream-name.js"
import type { StreamResult } from "../stream-result.js"
import type { ITimelineEvent } from "../timeline-event.js"
import { systemWarn } from "../warning.js"
import type { Warn } from "../warning.js"
import { type Held, SinkRun } from "./sink-run.js"

/**
 * A reaction: called with one span of one stream, events in order, never twice at once for one stream, at least once
 * for each event. Answering nothing means that all events were processed.
 */
export type EventHandler = (stream: StreamName, events: ITimelineEvent[]) => Promise<void | StreamResult>

export interface StreamsSinkOptions {
  readonly handler: EventHandler
  /** Most handler calls in flight, over all tranches. An integer of at least 1. */
  readonly maxConcurrentStreams: number
  /** Most batches admitted and not complete, per tranche. An integer of at least 1. */
  readonly maxReadAhead: number
  /**
   * Calls a stream only when its next event is there, from index 0 on; for replays of everything. An event that is
   * missing for longer than `maxReadAhead` batches stalls its tranche, which is reported. Default false: gaps are not
   * waited for, and an event that arrives after a later one of its stream was handled counts as handled.
   */
  readonly requireCompleteStreams?: boolean
  /** Added to every handler span; a later key wins over a built-in one. */
  readonly tracingAttrs?: Attributes
  /** How long a stop or a failure waits for running calls, in milliseconds. Default 5000; 0 does not wait. */
  readonly drainTimeoutMs?: number
  /**
   * Of how many streams with nothing to do the position is remembered, to drop duplicates that arrive late. An integer
   * of at least 0, default 100000. Not applied with `requireCompleteStreams`, which has to remember all.
   */
  readonly maxIdleStreams?: number
  readonly clock?: Clock
  /** Takes the report of a stall. Default: Node's warnings. */
  readonly warn?: Warn
}

const accepted = {
  handler: fn,
  maxConcurrentStreams: integer(1),
  maxReadAhead: integer(1),
  requireCompleteStreams: optional(flag),
  drainTimeoutMs: optional(milliseconds),
  maxIdleStreams: optional(integer(0)),
  clock: optional(has("now", "sleep", "turn")),
  warn: optional(fn),
}

/** Runs a handler over the streams of the batches that sources pump into it, one call per stream at a time. */
export class StreamsSink implements Sink {
  readonly #options: StreamsSinkOptions
  #attributes: Attributes
  #run: SinkRun | undefined
  #starts = 0

  private constructor(options: StreamsSinkOptions) {
    this.#options = options
    this.#attributes = {
      "eqx.max_concurrent_streams": options.maxConcurrentStreams,
      "eqx.max_read_ahead": options.maxReadAhead,
      ...options.tracingAttrs,
    }
  }

  /** @throws InvalidOptionError for the first option that is out of range. */
  static create(options: StreamsSinkOptions): StreamsSink {
    checkOptions("StreamsSink.create", accepted, options)
    return new StreamsSink(options)
  }

  addTracingAttrs(attrs: Attributes): void {
    this.#attributes = { ...this.#attributes, ...attrs }
  }

  /**
   * Runs until `signal` aborts, and then until running calls have ended or `drainTimeoutMs` is over. Starting a sink
   * that runs joins it: it goes on while any of its signals is not aborted, and a failure rejects every start. The
   * last start to end releases everything; a later one begins afresh.
   * @param onFailure told of the failure at once, before running calls are waited for.
   */
  async start(signal: AbortSignal, onFailure?: (error: unknown) => void): Promise<void> {
    if (signal.aborted) return
    const run = (this.#run ??= this.#newRun())
    this.#starts++
    try {
      await run.runUntil(signal, onFailure)
    } finally {
      if (--this.#starts === 0) {
        run.dispose()
        this.#run = undefined
      }
    }
  }

  /**
   * Admits the batch at once. The result tells when the next one may come: `undefined` = now, a promise = when the
   * tranche has room again; it rejects when `signal` aborts or the sink fails while it waits.
   * @throws Error when the sink is not running; the batch is not counted then.
   */
  pump(batch: IngesterBatch, signal: AbortSignal): void | Promise<void> {
    if (this.#run === undefined) throw new Error("StreamsSink.pump: the sink is not running; call start first")
    return this.#run.pump(batch, signal)
  }

  /** What it keeps in memory now. Takes a walk over the streams that it knows. */
  held(): Held {
    return this.#run?.held ?? { events: 0, streams: 0 }
  }

  #newRun(): SinkRun {
    const { handler, maxConcurrentStreams, maxReadAhead, ...rest } = this.#options
    return new SinkRun({
      handler,
      maxConcurrentStreams,
      maxReadAhead,
      requireCompleteStreams: rest.requireCompleteStreams ?? false,
      drainTimeoutMs: rest.drainTimeoutMs ?? 5000,
      maxIdleStreams: rest.maxIdleStreams ?? 100_000,
      clock: rest.clock ?? systemClock,
      warn: rest.warn ?? systemWarn,
      attributes: () => this.#attributes,
    })
  }
}
