import type { Clock } from "../../../engine/clock.js"
import type { Warn } from "../../../engine/warning.js"

export interface FailureLimits {
  readonly clock: Clock
  /** Milliseconds after the first failure; doubles with each. */
  readonly backOffMs: number
  readonly maxBackOffMs: number
  /** So many are an error. */
  readonly maxFailures: number
  readonly warn: Warn
}

/** Counts failures that nothing succeeded between, and pauses ever longer after them. */
export class FailuresInARow {
  readonly #limits: FailureLimits
  #count = 0

  constructor(limits: FailureLimits) {
    this.#limits = limits
  }

  end(): void {
    this.#count = 0
  }

  /**
   * Warns of the failure and pauses, unless `signal` aborts.
   * @param what what failed, as the beginning of a sentence
   * @throws the error, if it is one too many
   */
  async add(what: string, error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, backOffMs, maxBackOffMs, maxFailures, warn } = this.#limits
    if (++this.#count >= maxFailures) throw error
    const pauseMs = Math.min(backOffMs * 2 ** (this.#count - 1), maxBackOffMs)
    warn(`${what} (failure ${this.#count} in a row), next try in ${pauseMs} ms: ${messageOf(error)}`)
    await clock.sleep(pauseMs, signal)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
