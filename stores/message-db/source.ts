/*
 * Feeds a sink from categories of a Message DB: one tranche per category, one page per read.
 *
 * Positions are global positions, the next one to read. Within a category they are safe to go on from: who sees a
 * message sees every earlier one of that category. For a consumer group member the same holds for its share, and more:
 * if a page that was read after the category ended at position h came back short, then everything up to h is in that
 * page or belongs to other members, so the member may go on behind h though it has no message there. Without that, a
 * member with little to do would search the whole category from its last message at every poll.
 */
import * as v from "valibot"
import { checkOptions, has, InvalidOptionError, milliseconds, optional } from "../../engine/options.js"
import type { Batch, Sink } from "../../engine/batch.js"
import type { ICheckpoints } from "../../engine/checkpoints.js"
import type { Clock } from "../../engine/clock.js"
import type { ReadFailureOptions } from "../../engine/source/read-failure.js"
import { acceptedOfEverySource, TailingFeedSource } from "../../engine/source/tailing-feed-source.js"
import type { Stats } from "../../engine/stats.js"
import { systemWarn, type Warn } from "../../engine/warning.js"
import { messageDbFailureClass } from "./failure-class.js"
import type { PgQueryable } from "./pg.js"
import { MessageDbReader } from "./reader.js"
import { batchSize, categoryName, checkConsumerGroup, type ConsumerGroupMember } from "./reading-options.js"

export interface MessageDbSourceOptions extends Partial<ConsumerGroupMember>, ReadFailureOptions {
  /**
   * Connections on which `message_store` is in the search path. All of them have to reach the same server, the primary or one
   * standby; the checkpoints are on the primary.
   */
  readonly pool: PgQueryable
  /** At least one, each once. They are read side by side and share the sink. */
  readonly categories: readonly string[]
  /** Most events of a page: an integer from 1. Default 500. */
  readonly batchSize?: number
  /** Name under which checkpoints are kept; with a consumer group it is `{groupName}-{consumerGroupMember}`. */
  readonly groupName: string
  readonly checkpoints: ICheckpoints
  readonly sink: Sink
  /** Pause after a read that found nothing, in milliseconds. */
  readonly tailSleepIntervalMs: number
  /**
   * What is asked again and again at the tail. "page": for the next page. "end": where the category ends, and for a page
   * only when that is further on: one more question when something has come, and in between a cost that does not grow with
   * what other categories write, see docs/idle-polling.md. Default "page"; a consumer group member always asks for the end.
   */
  readonly idlePoll?: "page" | "end"
  /** Pause between checkpoint writes, in milliseconds. Default 5000. */
  readonly checkpointIntervalMs?: number
  /** How often to emit the metrics span, in milliseconds. Default: never. */
  readonly statsIntervalMs?: number
  /** How many checkpoint writes in a row may fail before the run does: an integer from 1, the default. */
  readonly maxCheckpointFailures?: number
  /** How long a stop waits for a read in progress, in milliseconds. Default 5000. */
  readonly drainTimeoutMs?: number
  readonly clock?: Clock
  /** Takes what should be known and does not end the run. Default: Node's warnings. */
  readonly warn?: Warn
}

const where = "MessageDbSource.create"

const accepted = {
  pool: has("query"),
  batchSize,
  ...acceptedOfEverySource,
  checkpointIntervalMs: optional(milliseconds),
  idlePoll: optional(v.picklist(["page", "end"], `"page" or "end"`)),
}

export class MessageDbSource {
  /** @throws InvalidOptionError for the first option that is out of range. */
  static create(options: MessageDbSourceOptions): MessageDbSource {
    checkOptions(where, accepted, options)
    checkCategories(options.categories)
    checkConsumerGroup(where, options)
    return new MessageDbSource(options)
  }

  /** What is read and handled, by category. */
  readonly stats: Stats
  readonly #categories: readonly string[]
  readonly #source: TailingFeedSource
  readonly #crawlers: ReadonlyMap<string, CategoryCrawler>

  private constructor(options: MessageDbSourceOptions) {
    const { sink, groupName, consumerGroupMember } = options
    this.#categories = [...options.categories]
    this.#crawlers = new Map(this.#categories.map((category) => [category, new CategoryCrawler(category, options)]))
    this.#source = new TailingFeedSource({
      ...options,
      groupName: consumerGroupMember === undefined ? groupName : `${groupName}-${consumerGroupMember}`,
      checkpointIntervalMs: options.checkpointIntervalMs ?? 5000,
      classify: messageDbFailureClass,
      crawl: (category, position) => this.#crawlers.get(category)!.crawl(position),
    })
    sink.addTracingAttrs({
      "eqx.source": "MessageDb",
      "eqx.consumer_group": groupName,
      "eqx.load.batch_size": options.batchSize ?? 500,
    })
    this.stats = this.#source.stats
  }

  /**
   * Runs every category until `signal` aborts (resolves) or something fails (rejects with the first failure, after all
   * of them have stopped). The checkpoint of what was handled is stored before it settles.
   */
  async start(signal: AbortSignal): Promise<void> {
    for (const crawler of this.#crawlers.values()) crawler.begin()
    await this.#source.start(this.#categories, signal)
  }
}

class CategoryCrawler {
  readonly #category: string
  readonly #reader: MessageDbReader
  readonly #options: MessageDbSourceOptions
  readonly #batchSize: number
  readonly #isMember: boolean
  readonly #asksForEnd: boolean
  readonly #warn: Warn
  #isFirstRead = true
  /** The last page was short, so that the end is near: the time to ask where it is. */
  #isNearEnd = true

  constructor(category: string, options: MessageDbSourceOptions) {
    this.#category = category
    this.#reader = new MessageDbReader(options)
    this.#options = options
    this.#batchSize = options.batchSize ?? 500
    this.#isMember = options.consumerGroupSize !== undefined
    this.#asksForEnd = this.#isMember || options.idlePoll === "end"
    this.#warn = options.warn ?? systemWarn
  }

  begin(): void {
    this.#isFirstRead = this.#isNearEnd = true
  }

  /** Page after page up to the tail, which is where nothing was found, not where a page is short. */
  async *crawl(from: bigint): AsyncIterable<Batch> {
    if (this.#isFirstRead) await this.#checkBeginning(from)
    this.#isFirstRead = false
    // The crawl's own: a read that an ended run gave up may still be answered while another crawl goes on.
    const reached = { position: from, isTail: false }
    // No page has a name here, since a generator keeps what it names until it is given another value.
    while (!reached.isTail) yield this.#readOn(reached)
  }

  async #readOn(reached: { position: bigint; isTail: boolean }): Promise<Batch> {
    const { position } = reached
    const page = await (this.#asksForEnd && this.#isNearEnd ? this.#readNearEnd(position) : this.#read(position))
    reached.position = page.checkpoint
    reached.isTail = page.isTail
    return page
  }

  async #read(position: bigint): Promise<Batch> {
    const { consumerGroupMember, consumerGroupSize } = this.#options
    const { items, checkpoint } = await this.#reader.readCategory(this.#category, {
      from: position,
      batchSize: this.#batchSize,
      ...(this.#isMember && { consumerGroupMember: consumerGroupMember!, consumerGroupSize: consumerGroupSize! }),
    })
    this.#isNearEnd = items.length < this.#batchSize
    return { items, checkpoint, isTail: items.length === 0 }
  }

  /** Asks for the end before the page: asked afterwards, messages that came in between would be skipped. */
  async #readNearEnd(position: bigint): Promise<Batch> {
    const end = await this.#reader.highestPosition(this.#category)
    if (end === undefined || end < position) return { items: [], checkpoint: position, isTail: true }
    const page = await this.#read(position)
    return page.items.length < this.#batchSize && page.checkpoint <= end ? { ...page, checkpoint: end + 1n } : page
  }

  /** A store that was restored or emptied would otherwise be waited for in silence until it has grown past the position. */
  async #checkBeginning(position: bigint): Promise<void> {
    if (position === 0n) return
    const next = ((await this.#reader.highestPosition()) ?? 0n) + 1n
    if (position > next)
      this.#warn(
        `the checkpoint of group "${this.#options.groupName}", category "${this.#category}" is ${position}, but the ` +
          `store's next position is ${next}: nothing is read before it gets there. ` +
          `Was the store restored or replaced? A standby that lags gets there by itself.`,
      )
  }
}

function checkCategories(categories: unknown): void {
  if (!Array.isArray(categories) || categories.length === 0)
    throw new InvalidOptionError(where, "categories", categories, "an array of at least one category")
  categories.forEach((category: unknown, index) => {
    checkOptions(where, { [`categories.${index}`]: categoryName }, { [`categories.${index}`]: category })
    if (categories.indexOf(category) !== index)
      throw new InvalidOptionError(where, `categories.${index}`, category, "a category that is not listed before")
  })
}
