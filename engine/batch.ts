import type { Attributes } from "@opentelemetry/api"
import type { StreamName } from "./stream-name.js"
import type { ITimelineEvent } from "./timeline-event.js"

/** One page of a tranche. */
export interface Batch {
  readonly items: readonly (readonly [StreamName, ITimelineEvent])[]
  /** The position after this page: where the next read begins. */
  readonly checkpoint: bigint
  /** The reader found the end of the tranche. Neither implied by nor implying an empty page. */
  readonly isTail: boolean
}

/** A page on its way into a sink. */
export interface IngesterBatch extends Batch {
  /**
   * Which tranche the page is from. Batches of one tranche and one run (the signal that `start` and `pump` were given)
   * complete in the order they were pumped; those without a tranche share a queue.
   */
  readonly trancheId?: string
  /** Called once, synchronously, when every event of this and of all older batches of the tranche is handled. */
  readonly onComplete: () => void
}

/** What a source feeds. */
export interface Sink {
  /**
   * Runs until `signal` aborts (resolves) or something fails (rejects).
   * @param onFailure told of the failure at once, where the sink has something to wait for before it rejects.
   */
  start(signal: AbortSignal, onFailure?: (error: unknown) => void): Promise<void>
  /** Admits the batch at once; the result tells when the next may come: `undefined` = now, else when the promise resolves. */
  pump(batch: IngesterBatch, signal: AbortSignal): void | Promise<void>
  /** Merges attributes into every handler span; the last writer of a key wins. */
  addTracingAttrs(attrs: Attributes): void
}
