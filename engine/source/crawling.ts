/*
 * The pages of a tranche, one after another, from crawls that are begun anew.
 *
 * Invariants: at most one read at a time; a read that failed is repeated for as long as the host wants it to be, by a new
 * crawl from the same position; an answer that comes after the run's end and its patience is nobody's; a crawl that is
 * left before its end gets the chance to clean up.
 */
import { isAbort, Patience, untilAbandoned } from "../abort.js"
import type { Batch } from "../batch.js"
import type { Clock } from "../clock.js"
import type { PersistentReading } from "./persistent-reading.js"

export interface CrawlingOptions {
  readonly trancheId: string
  /** Yields pages from `position` on, and ends. */
  readonly crawl: (trancheId: string, position: bigint, signal: AbortSignal) => AsyncIterable<Batch>
  readonly reading: PersistentReading
  /** Told before each attempt. */
  readonly onRead: () => void
  /** How long the end of the run waits for a read in progress, in milliseconds. */
  readonly patienceMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

export class Crawling {
  readonly #options: CrawlingOptions
  readonly #patience: Patience
  /** Of the crawl that goes on; undefined before the first read, after one that failed, and at the end of a crawl. */
  #pages: AsyncIterator<Batch> | undefined
  #read: Promise<Batch | undefined> | undefined
  /** Nothing came from the crawl in time, so that it has not been left properly. */
  #isAbandoned = false

  constructor(options: CrawlingOptions) {
    this.#options = options
    this.#patience = new Patience(options.signal, options.patienceMs, options.clock)
  }

  /**
   * The next page; undefined at the end of a crawl, behind which the next call begins another, and when the run is over.
   * To be called when the read before has been answered.
   * @param position where a new crawl begins: behind the pages that were answered.
   * @throws what the read threw, if it is not to be repeated
   */
  next(position: bigint): Promise<Batch | undefined> {
    const read = this.#next(position)
    // Whoever fails meanwhile does not come back for it.
    read.catch(() => {})
    this.#read = read
    return read
  }

  /** Waits for a read in progress, and ends the crawl. To be called when the signal has aborted. */
  async close(): Promise<void> {
    await this.#read?.catch(() => {})
    this.#patience.end()
    if (this.#pages === undefined || this.#isAbandoned) return
    const closed = Promise.resolve(this.#pages.return?.())
    await untilAbandoned(closed, AbortSignal.abort(), this.#options.patienceMs, this.#options.clock)
  }

  async #next(position: bigint): Promise<Batch | undefined> {
    const { trancheId, reading, signal } = this.#options
    const what = `tranche ${trancheId} from ${position}`
    try {
      return await reading.read({ what, trancheId, position }, signal, () => this.#attempt(position))
    } catch (error) {
      // A read that ends because the run is aborted is no failure.
      if (isAbort(error, signal)) return undefined
      throw error
    }
  }

  async #attempt(position: bigint): Promise<Batch | undefined> {
    const { crawl, trancheId, onRead, signal } = this.#options
    onRead()
    try {
      this.#pages ??= crawl(trancheId, position, signal)[Symbol.asyncIterator]()
      const read = await this.#patience.wait(Promise.resolve(this.#pages.next()))
      this.#isAbandoned = read === undefined
      if (read?.done === true) this.#pages = undefined
      return read?.done === false ? read.value : undefined
    } catch (error) {
      this.#pages = undefined
      throw error
    }
  }
}
