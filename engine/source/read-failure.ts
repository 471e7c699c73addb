import type { Random } from "../random.js"

/**
 * What is to be thought of a failed read. `transient`: it may be gone the next time, such as a lost connection, a
 * time-out, or a server that is busy or starting. `configuration`: somebody has to set something right, such as a missing
 * table, a wrong password or a right that was not granted. `permanent`: all else, such as an event that cannot be read.
 */
export type FailureClass = "transient" | "configuration" | "permanent"

/** A read of a source that failed: of a page, of a part of it, or of the position where the run begins. */
export interface ReadFailure {
  readonly class: FailureClass
  readonly error: unknown
  /** What was to be read, for people. */
  readonly what: string
  /** Undefined for what belongs to no tranche, such as the list of all of them. */
  readonly trancheId: string | undefined
  /** Up to where the tranche is read; undefined while that is not known. */
  readonly position: bigint | undefined
  /** How many attempts at this read have failed in a row, this one included: an integer from 1. */
  readonly attempts: number
  /** The pause before the next attempt, if there is one, in milliseconds. */
  readonly delayMs: number
}

/** `retry`: after a pause it is read again, from the position reached so far. `fail`: the run ends with the error. */
export type ReadDecision = "retry" | "fail"

/** Retries what is transient, however often; the rest ends the run. The default of every source. */
export const retryTransient = (failure: ReadFailure): ReadDecision => (failure.class === "transient" ? "retry" : "fail")

/** What a source does when a read fails: the options that the sources of all stores have. */
export interface ReadFailureOptions {
  /**
   * Decides whether a read that failed is tried again, each time that it fails. Default: `retry` for what is transient,
   * however often it fails, since a service outlives the outages of its store; `fail` for the rest. Each retry is a
   * warning, and each failure a `readFailed` of the statistics. Who wants to give up counts `attempts`. What it throws ends
   * the run.
   */
  readonly onReadFailure?: (failure: ReadFailure) => ReadDecision
  /**
   * The longest pause before the first repetition of a read, in milliseconds. It doubles with every failure in a row; the
   * pause itself is drawn evenly from 0 up to it. Default 100.
   */
  readonly readBackOffMs?: number
  /** The longest pause before any repetition of a read, in milliseconds. Default 10000. */
  readonly maxReadBackOffMs?: number
  /** What pauses are drawn from. Default: the platform's. */
  readonly random?: Random
}
