import type { Batch } from "../../engine/batch.js"
import type { Clock } from "../../engine/clock.js"
import type { FeedItem } from "./history.js"

/**
 * The simplest feed there is: all events lie there from the beginning, and its pages are as long as they are said to be,
 * each as the next one in the list, over and over, whoever reads.
 */
export class Feed {
  readonly #items: readonly FeedItem[]
  readonly #pages: readonly number[]
  #read = 0

  /** @param pages Lengths; none: 1. */
  constructor(items: readonly FeedItem[], pages: readonly number[]) {
    this.#items = items
    this.#pages = pages
  }

  get end(): bigint {
    return BigInt(this.#items.length)
  }

  /** Pages up to the end, each of which takes so many milliseconds to come. */
  async *crawl(position: bigint, clock: Clock, pageMs: number): AsyncIterable<Batch> {
    for (let from = Number(position); from < this.#items.length;) {
      if (pageMs > 0) await clock.sleep(pageMs)
      const items = this.#items.slice(from, from + (this.#pages[this.#read++ % this.#pages.length] ?? 1))
      from += items.length
      yield { items, checkpoint: BigInt(from), isTail: from === this.#items.length }
    }
  }
}
