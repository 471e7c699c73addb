/*
 * Reads one partition of the index from a position on, epoch after epoch.
 *
 * One crawl reads one epoch to what is its end now, an item of the table in memory at a time. A page's position is the
 * place of the first index entry that is not in it and that no earlier page has; the last page of an open epoch says
 * that the tail was reached, the one of a closed epoch leads to the start of the next. So every entry is in exactly one
 * page, each page moves on or is at the tail, and what nobody wants is passed by pages without events.
 */
import type { Batch } from "../../engine/batch.js"
import type { PersistentReading, ReadTarget } from "../../engine/source/persistent-reading.js"
import type { Warn } from "../../engine/warning.js"
import type { DynamoStoreContext } from "./dynamo-store-context.js"
import { EpochPosition } from "./index/epoch-position.js"
import { type EpochPage, type IndexEntry, readTailPosition, walkEpoch } from "./index/epoch-reader.js"
import { type ChosenSpan, PageBuffer } from "./page-buffer.js"
import type { SpanLoader } from "./span-loader.js"

export interface PartitionCrawlOptions {
  readonly context: DynamoStoreContext
  readonly partition: string
  readonly groupName: string
  /** Whether events of a stream are wanted. */
  readonly chosen: (stream: string) => boolean
  /** Most events of a page, if no single index entry has more. */
  readonly batchSizeCutoff: number
  readonly loader: SpanLoader
  readonly reading: PersistentReading
  readonly warn: Warn
  /** Of the run: ends the repetition of reads that belong to no crawl. */
  readonly signal: AbortSignal
}

export class PartitionCrawl {
  readonly #options: PartitionCrawlOptions
  #isFirst = true
  /** Where the next page begins; undefined before the first one. */
  #reached: bigint | undefined

  constructor(options: PartitionCrawlOptions) {
    this.#options = options
  }

  /** The pages from a position to the end of its epoch. */
  async *crawl(position: bigint, signal: AbortSignal): AsyncGenerator<Batch, void, undefined> {
    const isFirst = this.#isFirst
    this.#isFirst = false
    this.#reached = position
    const { epoch, offset } = EpochPosition.parse(position)
    const buffer = new PageBuffer(this.#options.batchSizeCutoff)
    for await (const { entries, next, isEnd, isClosed } of this.#walk(epoch, offset, signal)) {
      for (const entry of entries) {
        const wanted = this.#choose(entry)
        if (!buffer.hasRoomFor(wanted)) yield this.#page(buffer, EpochPosition.of(epoch, entry.index), false, signal)
        buffer.add(wanted)
      }
      if (!isEnd && buffer.isEmpty) yield this.#page(buffer, EpochPosition.of(epoch, next), false, signal)
      if (!isEnd) continue
      const end = isClosed ? EpochPosition.closed(epoch) : EpochPosition.of(epoch, next)
      if (isFirst && end === position) await this.#checkBeginning(position, signal)
      yield this.#page(buffer, end, !isClosed, signal)
    }
  }

  /** Where the partition ends now. */
  readTail(signal = this.#options.signal): Promise<bigint> {
    const { context, partition, reading } = this.#options
    const target = this.#target(`the tail of partition ${partition}`)
    return reading.read(target, signal, () => readTailPosition(context, partition))
  }

  /** The epoch's entries. After a failure it goes on where it was. */
  async *#walk(epoch: number, offset: number, signal: AbortSignal): AsyncGenerator<EpochPage, void, undefined> {
    const { context, partition, reading } = this.#options
    let next = offset
    let walk: AsyncGenerator<EpochPage, void, undefined> | undefined
    const read = async () => {
      walk ??= walkEpoch(context, partition, epoch, next)
      try {
        return await walk.next()
      } catch (error) {
        walk = undefined
        throw error
      }
    }
    for (;;) {
      const page = await reading.read(this.#target(`epoch ${epoch} of partition ${partition}`), signal, read)
      if (page.done === true) return
      next = page.value.next
      yield page.value
    }
  }

  #choose({ spans, time }: IndexEntry): readonly ChosenSpan[] {
    return spans.filter(({ stream }) => this.#options.chosen(stream)).map((span) => ({ ...span, time }))
  }

  async #page(buffer: PageBuffer, checkpoint: bigint, isTail: boolean, signal: AbortSignal): Promise<Batch> {
    const { partition, loader } = this.#options
    const page = {
      items: await loader.load(buffer.take(), this.#target(`partition ${partition}`), signal),
      checkpoint,
      isTail,
    }
    this.#reached = checkpoint
    return page
  }

  #target(what: string): ReadTarget {
    const { partition: trancheId } = this.#options
    return { what, trancheId, ...(this.#reached !== undefined && { position: this.#reached }) }
  }

  /** An index that was restored or emptied would otherwise be waited for in silence until it has grown past the position. */
  async #checkBeginning(position: bigint, signal: AbortSignal): Promise<void> {
    const { partition, groupName, warn } = this.#options
    if (position === 0n) return
    const tail = await this.readTail(signal)
    if (position > tail)
      warn(
        `the checkpoint of group "${groupName}", partition "${partition}" is ${EpochPosition.format(position)}, but the ` +
          `index ends at ${EpochPosition.format(tail)}: nothing is read before it gets there. Was it restored or replaced?`,
      )
  }
}
