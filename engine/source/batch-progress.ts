import type { Batch } from "../batch.js"
import { Fifo } from "../sink/fifo.js"

/**
 * The positions of one run's batches, oldest first. A page without events takes no place of its own: it moves the
 * youngest open batch's position, or, with none open, the checkpoint itself. So filtered pages never hold it back.
 */
export class BatchProgress {
  readonly #open = new Fifo<{ checkpoint: bigint }>()
  readonly #post: (position: bigint) => void

  constructor(post: (position: bigint) => void) {
    this.#post = post
  }

  admit(page: Batch): void {
    this.#open.push({ checkpoint: page.checkpoint })
  }

  skipTo(position: bigint): void {
    const youngest = this.#open.last
    if (youngest === undefined) this.#post(position)
    else youngest.checkpoint = position
  }

  /** The oldest open batch is complete. */
  complete(): void {
    const oldest = this.#open.shift()
    if (oldest === undefined) throw new Error("a sink completed more batches than it was given")
    this.#post(oldest.checkpoint)
  }
}
