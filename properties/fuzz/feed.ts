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

  /** One page at a time, which takes so many milliseconds to come. */
  async *crawl(position: bigint, clock: Clock, pageMs: number): AsyncIterable<Batch> {
    if (pageMs > 0) await clock.sleep(pageMs)
    const from = Number(position)
    const length = this.#items.length === from ? 0 : (this.#pages[this.#read++ % this.#pages.length] ?? 1)
    const items = this.#items.slice(from, from + length)
    const checkpoint = position + BigInt(items.length)
    yield { items, checkpoint, isTail: checkpoint === this.end }
  }
}
