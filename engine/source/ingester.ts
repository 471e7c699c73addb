/*
 * Takes the pages of a tranche from its crawl into the sink.
 *
 * Invariants: a page is read only when the sink has room for it; the next read begins at the last page's checkpoint, and
 * that never decreases; a position is posted only when every event below it is handled; between two pages the clock goes
 * on, whatever feed and handler do; a page that the sink has taken in is not held here, however long the next one takes.
 *
 * The next page is read while this one is handled. Where the sink surely has room for both it is asked for even before
 * this one is handed over, so that the store works meanwhile.
 */
import { isAbort } from "../abort.js"
import type { Batch, IngesterBatch, Sink } from "../batch.js"
import type { Clock } from "../clock.js"
import type { Stats } from "../stats.js"
import { BatchProgress } from "./batch-progress.js"
import type { Crawling } from "./crawling.js"
import { mustBeBigint } from "./position.js"

export interface IngesterOptions {
  readonly trancheId: string
  readonly crawling: Crawling
  readonly sink: Sink
  readonly stats: Stats
  /** Takes the position below which everything is handled. */
  readonly post: (position: bigint) => void
  /** Pause before the next read after the tail was found, in milliseconds. */
  readonly tailSleepIntervalMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

export class Ingester {
  readonly #options: IngesterOptions
  readonly #progress: BatchProgress
  /** Behind the last page. */
  #position: bigint
  #isTail = false
  /** The crawl has yielded no page yet. */
  #isEmpty = true
  /** Of the page after the one that is at hand. */
  #read: Promise<Batch | undefined> | undefined

  constructor(position: bigint, options: IngesterOptions) {
    this.#options = options
    this.#position = position
    this.#progress = new BatchProgress(options.post)
  }

  /** Until the signal aborts. @throws what a read or the sink threw */
  async run(): Promise<void> {
    const { trancheId, stats, clock, tailSleepIntervalMs, signal } = this.#options
    for (;;) {
      // A feed and a handler that never wait for anything outside must not stop timers and signals.
      await (this.#isTail ? clock.sleep(tailSleepIntervalMs, signal) : clock.turn())
      if (signal.aborted) return
      this.#isEmpty = true
      while (await this.#takeNext());
      if (signal.aborted) return
      if (!this.#isEmpty) continue
      this.#isTail = true
      stats.pageRead(trancheId, { items: [], checkpoint: this.#position, isTail: true })
    }
  }

  /** Waits for a read in progress. To be called when the signal has aborted. */
  close(): Promise<void> {
    return this.#options.crawling.close()
  }

  /** Takes in the next page of a crawl, if there is one. */
  async #takeNext(): Promise<boolean> {
    const { crawling, clock, signal } = this.#options
    const page = await (this.#read ?? crawling.next(this.#position))
    this.#read = undefined
    if (page === undefined) return false
    const from = this.#position
    this.#goOn(page)
    if (this.#progress.hasRoomFor(2)) this.#read = crawling.next(this.#position)
    if (!this.#isEmpty) await clock.turn()
    if (signal.aborted) return false
    const admitted = this.#ingest(page, from)
    if (admitted !== undefined) await admitted
    this.#progress.roomFound()
    this.#read ??= crawling.next(this.#position)
    this.#isEmpty = false
    return true
  }

  #goOn({ checkpoint, isTail }: Batch): void {
    const { trancheId } = this.#options
    const position = this.#position
    mustBeBigint(checkpoint, `tranche ${trancheId}: the checkpoint of a page`)
    if (checkpoint < position)
      throw new Error(`tranche ${trancheId}: a page read from ${position} has the lower checkpoint ${checkpoint}`)
    this.#position = checkpoint
    this.#isTail = isTail
  }

  /** Answers when there is room for the next one: `undefined` = now, else when the promise resolves. */
  #ingest(page: Batch, from: bigint): void | Promise<void> {
    const { trancheId, stats } = this.#options
    const { items, checkpoint, isTail } = page
    stats.pageRead(trancheId, page)
    if (items.length === 0) {
      if (checkpoint > from) this.#progress.skipTo(checkpoint)
      return
    }
    const batch = this.#progress.admit(page)
    const onComplete = () => {
      this.#progress.complete(batch)
      stats.batchCompleted(trancheId, checkpoint, isTail)
    }
    return this.#pump({ items, checkpoint, isTail, trancheId, onComplete })
  }

  async #pump(batch: IngesterBatch): Promise<void> {
    const { sink, signal } = this.#options
    try {
      await sink.pump(batch, signal)
    } catch (error) {
      if (!isAbort(error, signal)) throw error
    }
  }
}
