/*
 * Reads that are repeated for as long as the host wants them to be.
 *
 * The pause before an attempt is drawn evenly from 0 up to a bound that doubles with every failure in a row, as far as a
 * cap: exponential back-off with full jitter, so that many who lost the same server do not come back to it at one time
 * (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). Invariants: the run's end ends a pause at
 * once and is the only thing that does but time; each failure is decided upon once, where it happened, also when one read
 * is part of another; an error is thrown as it is, or told.
 */
import { isAbort } from "../abort.js"
import type { Clock } from "../clock.js"
import { shown } from "../options.js"
import type { Random } from "../random.js"
import type { Warn } from "../warning.js"
import type { FailureClass, ReadDecision, ReadFailure } from "./read-failure.js"

/** What is read, and how far its tranche is read. */
export type ReadTarget = Pick<ReadFailure, "what"> & Partial<Pick<ReadFailure, "trancheId" | "position">>

export interface PersistentReadingOptions {
  readonly classify: (error: unknown) => FailureClass
  readonly decide: (failure: ReadFailure) => ReadDecision
  /** The longest first pause, in milliseconds. */
  readonly backOffMs: number
  /** The longest pause of all, in milliseconds. */
  readonly maxBackOffMs: number
  readonly clock: Clock
  readonly random: Random
  readonly warn: Warn
  /** Told of every failure, with what was decided. */
  readonly onFailure: (failure: ReadFailure, decision: ReadDecision) => void
}

export class PersistentReading {
  readonly #options: PersistentReadingOptions
  /** Errors that end the run. */
  readonly #decided = new WeakSet<object>()

  constructor(options: PersistentReadingOptions) {
    this.#options = options
  }

  /**
   * What `read` comes to, however often it fails for a reason that may pass.
   * @throws what `read` threw when it is not to be repeated, and the signal's reason when that aborts before there is an
   *   answer
   */
  async read<T>(target: ReadTarget, signal: AbortSignal, read: () => Promise<T>): Promise<T> {
    for (let attempts = 1; ; attempts++) {
      signal.throwIfAborted()
      try {
        return await read()
      } catch (error) {
        await this.#failed(target, error, attempts, signal)
      }
    }
  }

  /** Waits for the time of the next attempt. @throws the error, if there is to be none. */
  async #failed(target: ReadTarget, error: unknown, attempts: number, signal: AbortSignal): Promise<void> {
    if (this.#isDecided(error) || isAbort(error, signal)) throw error
    const { clock, classify } = this.#options
    const failureClass = classify(error)
    // Nobody waits for another attempt; and what would have passed is no reason to fail.
    if (signal.aborted) throw failureClass === "transient" ? signal.reason : error
    const failure = this.#failure(target, error, failureClass, attempts)
    if (this.#decide(failure) === "retry") return clock.sleep(failure.delayMs, signal)
    if (typeof error === "object" && error !== null) this.#decided.add(error)
    throw error
  }

  #failure(
    { what, trancheId, position }: ReadTarget,
    error: unknown,
    failureClass: FailureClass,
    attempts: number,
  ): ReadFailure {
    const { random, backOffMs, maxBackOffMs } = this.#options
    const longest = Math.min(maxBackOffMs, backOffMs * 2 ** (attempts - 1))
    const delayMs = Math.round(random.next() * longest)
    return { class: failureClass, error, what, trancheId, position, attempts, delayMs }
  }

  #decide(failure: ReadFailure): ReadDecision {
    const { decide, onFailure, warn } = this.#options
    const decision = decide(failure)
    if (decision !== "retry" && decision !== "fail")
      throw new Error(`onReadFailure must answer "retry" or "fail", received ${shown(decision)}`, {
        cause: failure.error,
      })
    onFailure(failure, decision)
    if (decision === "retry") warn(warning(failure))
    return decision
  }

  #isDecided(error: unknown): boolean {
    return typeof error === "object" && error !== null && this.#decided.has(error)
  }
}

function warning({ what, error, attempts, delayMs }: ReadFailure): string {
  const often = attempts === 1 ? "" : ` ${attempts} times in a row`
  return `reading ${what} failed${often}, next attempt in ${delayMs} ms: ${textOf(error)}`
}

const textOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
