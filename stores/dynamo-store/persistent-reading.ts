import type { Clock } from "../../engine/clock.js"
import type { Warn } from "../../engine/warning.js"
import { isTransientFailure } from "./transient-failure.js"

/** Reads that are repeated while they fail for a passing reason. */
export class PersistentReading {
  readonly #pauseMs: number
  readonly #clock: Clock
  readonly #warn: Warn

  constructor(pauseMs: number, clock: Clock, warn: Warn) {
    this.#pauseMs = pauseMs
    this.#clock = clock
    this.#warn = warn
  }

  /**
   * What `read` comes to, however often it is throttled or loses its connection before.
   * @param what what is read, for the warning
   * @throws what `read` threw when no repetition would help, and the signal's reason when it aborts
   */
  async read<T>(what: string, signal: AbortSignal, read: () => Promise<T>): Promise<T> {
    for (;;) {
      signal.throwIfAborted()
      try {
        return await read()
      } catch (error) {
        if (!isTransientFailure(error)) throw error
        if (!signal.aborted) this.#warn(`reading ${what} failed, next attempt in ${this.#pauseMs} ms: ${textOf(error)}`)
      }
      await this.#clock.sleep(this.#pauseMs, signal)
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
