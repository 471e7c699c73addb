import { checkOptions, has, InvalidOptionError, text } from "../../engine/options.js"
import type { StreamName } from "../../engine/stream-name.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import { batchSize, categoryName, checkConsumerGroup, type ConsumerGroupMember } from "./reading-options.js"
import { globalPositionOf, messageColumns, rowsOfText, toEvent, toItem, type MessageRow } from "./message-row.js"
import type { PgQueryable } from "./pg.js"
import { explainingSearchPath } from "./search-path.js"

const streamSql = `select ${messageColumns} from get_stream_messages($1, $2, $3)`
const lastSql = `select ${messageColumns} from get_last_stream_message($1, $2)`
const versionSql = `select stream_version($1)`
const categorySql = `select ${messageColumns} from get_category_messages($1, $2, $3, null, $4, $5)`
const highestInCategorySql = `select max(global_position) from messages where category(stream_name) = $1`
const highestSql = `select max(global_position) from messages`

/** Part of a category, in the order in which its events were committed. */
export interface CategoryPage {
  readonly items: readonly (readonly [StreamName, ITimelineEvent])[]
  /** Where to read on: the global position after the last event, or the one asked for when there was none. */
  readonly checkpoint: bigint
}

export interface ReadCategoryOptions extends Partial<ConsumerGroupMember> {
  /** First global position to read. Default 0: everything. */
  readonly from?: bigint
  /** Most events to read: an integer from 1. Default 500. */
  readonly batchSize?: number
}

export interface ReadStreamOptions {
  /** First position in the stream to read. Default 0. */
  readonly from?: bigint
  /** Most events to read at once: an integer from 1. Default 500. */
  readonly batchSize?: number
}

/** Reads streams and categories of a Message DB. Events without data or metadata have no `data` or `meta`. */
export class MessageDbReader {
  readonly #pool: PgQueryable

  /** @throws InvalidOptionError */
  constructor(options: { readonly pool: PgQueryable }) {
    checkOptions("MessageDbReader", { pool: has("query") }, options)
    this.#pool = options.pool
  }

  /** The events of a stream in order, in pages of at most `batchSize`; none for a stream that does not exist. */
  async *readStream(stream: string, options: ReadStreamOptions = {}): AsyncIterable<ITimelineEvent[]> {
    const where = "MessageDbReader.readStream"
    checkStream(where, stream)
    checkOptions(where, acceptedOfRead, options)
    const limit = options.batchSize ?? 500
    let position = options.from ?? 0n
    for (;;) {
      const rows = await this.#rows<MessageRow>(streamSql, [stream, String(position), limit])
      if (rows.length > 0) yield rows.map(toEvent)
      if (rows.length < limit) return
      position += BigInt(limit)
    }
  }

  /** The last event of a stream, or the last one of that type. */
  async readLast(stream: string, type?: string): Promise<ITimelineEvent | undefined> {
    checkStream("MessageDbReader.readLast", stream)
    const [row] = await this.#rows<MessageRow>(lastSql, [stream, type ?? null])
    return row && toEvent(row)
  }

  /** The position of the last event of a stream, as Message DB counts: 0 for a stream of one event, -1 for none. */
  async streamVersion(stream: string): Promise<bigint> {
    checkStream("MessageDbReader.streamVersion", stream)
    return (await this.#position(versionSql, [stream])) ?? -1n
  }

  /**
   * One page of a category, or of a consumer group member's share of it. Of a category, whoever sees an event sees
   * every earlier one as well, so reading on from `checkpoint` misses nothing; this does not hold across categories.
   */
  async readCategory(category: string, options: ReadCategoryOptions = {}): Promise<CategoryPage> {
    const where = "MessageDbReader.readCategory"
    checkCategory(where, category)
    checkOptions(where, acceptedOfRead, options)
    checkConsumerGroup(where, options)
    const from = options.from ?? 0n
    const { consumerGroupMember = null, consumerGroupSize = null } = options
    const rows = await this.#rows<MessageRow>(categorySql, [
      category,
      String(from),
      options.batchSize ?? 500,
      consumerGroupMember,
      consumerGroupSize,
    ])
    const last = rows.at(-1)
    return {
      items: rows.map(toItem),
      checkpoint: last === undefined ? from : globalPositionOf(last) + 1n,
    }
  }

  /** The global position of the last event of a category, or of the whole store; undefined when there is none. */
  async highestPosition(category?: string): Promise<bigint | undefined> {
    if (category === undefined) return this.#position(highestSql, [])
    checkCategory("MessageDbReader.highestPosition", category)
    return this.#position(highestInCategorySql, [category])
  }

  async #position(sql: string, values: unknown[]): Promise<bigint | undefined> {
    const [row] = await this.#rows<readonly [string | null]>(sql, values)
    return typeof row?.[0] === "string" ? BigInt(row[0]) : undefined
  }

  async #rows<Row>(sql: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      const { rowMode, types } = rowsOfText
      return (await this.#pool.query({ text: sql, values, rowMode, types })).rows as Row[]
    } catch (error) {
      throw explainingSearchPath(error)
    }
  }
}

const acceptedOfRead = { batchSize }
const acceptedStream = { stream: text }
const acceptedCategory = { category: categoryName }

function checkStream(where: string, stream: string): void {
  checkOptions(where, acceptedStream, { stream })
  if (!stream.includes("-"))
    throw new InvalidOptionError(where, "stream", stream, `the name of a stream, {category}-{id}`)
}

function checkCategory(where: string, category: string): void {
  checkOptions(where, acceptedCategory, { category })
}
