import type { Batch } from "../batch.js"
import { Fifo } from "../sink/fifo.js"

interface OpenBatch {
  checkpoint: bigint
}

/**
 * The positions of one run's batches, oldest first. A page without events takes no place of its own: it moves the
 * youngest open batch's position, or, with none open, the checkpoint itself. So filtered pages never hold it back.
 */
export class BatchProgress {
  readonly #open = new Fifo<OpenBatch>()
  readonly #post: (position: bigint) => void
  #window = 0

  constructor(post: (position: bigint) => void) {
    this.#post = post
  }

  admit(page: Batch): OpenBatch {
    this.#open.push({ checkpoint: page.checkpoint })
    return this.#open.last as OpenBatch
  }

  skipTo(position: bigint): void {
    const youngest = this.#open.last
    if (youngest === undefined) this.#post(position)
    else youngest.checkpoint = position
  }

  /** The sink has room for one batch more than are open now. */
  roomFound(): void {
    this.#window = Math.max(this.#window, this.#open.length + 1)
  }

  /** Whether there is room for so many more without asking: as many have been found to be open at once. */
  hasRoomFor(batches: number): boolean {
    return this.#open.length + batches <= this.#window
  }

  /** The batch is complete. @throws Error unless it is the oldest open one: its position would pass what is not handled. */
  complete(batch: OpenBatch): void {
    if (this.#open.head !== batch) throw new Error("a sink completed a batch before an older one, or twice")
    this.#open.shift()
    this.#post(batch.checkpoint)
  }
}
