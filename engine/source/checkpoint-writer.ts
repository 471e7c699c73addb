import type { ICheckpoints } from "../checkpoints.js"
import type { Clock } from "../clock.js"

/*
 * Writes one tranche's checkpoint from time to time: only the newest position, one write at a time. A position counts
 * as written when the write has succeeded, so a failed one is written again with the next.
 */

export interface CheckpointWriterOptions {
  readonly checkpoints: ICheckpoints
  readonly groupName: string
  readonly trancheId: string
  /** The position that was loaded. */
  readonly position: bigint
  /** Pause between writes, in milliseconds. */
  readonly intervalMs: number
  /** How many writes in a row may fail before the writer gives up. 1: the first failure ends the run. */
  readonly maxFailures: number
  readonly clock: Clock
  /** Told when the store answers that it holds a higher position than the one written. */
  readonly onSuperseded?: (position: bigint, stored: bigint) => void
}

export class CheckpointWriter {
  readonly #options: CheckpointWriterOptions
  #committed: bigint
  #validated: bigint
  /** Failed writes in a row. */
  #failures = 0

  constructor(options: CheckpointWriterOptions) {
    this.#options = options
    this.#committed = this.#validated = options.position
  }

  /** Everything below `position` is handled. */
  post(position: bigint): void {
    this.#validated = position
  }

  /** Writes at every interval until the signal aborts. @throws what the store threw, after `maxFailures` in a row. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs, maxFailures } = this.#options
    while (!signal.aborted) {
      await clock.sleep(intervalMs, signal)
      // The last write belongs to the flush, after running calls have ended.
      if (signal.aborted) return
      try {
        await this.flush()
      } catch (error) {
        // No failed write, and an error all the same: that of the listener.
        if (this.#failures === 0 || this.#failures >= maxFailures) throw error
      }
    }
  }

  /** Writes the newest position if it is not written. To be called only when {@link run} does not run. */
  async flush(): Promise<void> {
    const position = this.#validated
    if (position === this.#committed) return
    const { checkpoints, groupName, trancheId, onSuperseded } = this.#options
    this.#failures++
    const stored = await checkpoints.commit(groupName, trancheId, position)
    this.#failures = 0
    this.#committed = position
    if (typeof stored === "bigint" && stored > position) onSuperseded?.(position, stored)
  }
}
