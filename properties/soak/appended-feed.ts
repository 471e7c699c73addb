import type { PgPool } from "../../stores/message-db/pg.js"
import type { AppendedEvent } from "../appended-event.js"
import { appendedOf, messageColumns, type MessageRow } from "../live-message-db.js"

const pageSize = 5_000

/**
 * What was appended to a Message DB, as it comes into view. It is read category by category: Message DB lets one
 * transaction at a time write to a category, so within one no position comes into view behind a higher one.
 */
export class AppendedFeed {
  readonly #pool: PgPool
  readonly #next: Map<string, bigint>

  constructor(pool: PgPool, categories: readonly string[]) {
    this.#pool = pool
    this.#next = new Map(categories.map((category) => [category, 0n]))
  }

  /** The events since the last time. When the store fails in the middle, the next time goes on from there. */
  async *read(): AsyncGenerator<AppendedEvent> {
    for (const [category, from] of this.#next)
      for (let next = from, isWhole = true; isWhole;) {
        const { rows } = await this.#pool.query(
          `select ${messageColumns} from messages
           where category(stream_name) = $1 and global_position >= $2 order by global_position limit ${pageSize}`,
          [category, String(next)],
        )
        isWhole = rows.length === pageSize
        for (const event of (rows as MessageRow[]).map(appendedOf)) {
          next = event.pos + 1n
          this.#next.set(category, next)
          yield event
        }
      }
  }
}
