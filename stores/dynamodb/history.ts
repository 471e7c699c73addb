/*
 * Old versions of rows, for reads that lag. Each change puts what the row held before into the row and the row into a
 * queue. Since time does not go back, the queue is in the order of the versions' age, so forgetting what is too old costs
 * a constant for each version, once.
 */
import type { Clock } from "../../engine/clock.js"
import type { Row } from "./row.js"

interface Remembered {
  readonly until: number
  readonly row: Row
  /** Told when the row has neither an item nor a past. */
  readonly emptied: (row: Row) => void
}

export class History {
  readonly #clock: Clock
  readonly #keepMs: number
  #queue: Remembered[] = []
  #head = 0

  /** Versions are kept for `keepMs` milliseconds after they were replaced. */
  constructor(clock: Clock, keepMs: number) {
    this.#clock = clock
    this.#keepMs = keepMs
  }

  /** To be called before the row gets another item. */
  remember(row: Row, emptied: (row: Row) => void): void {
    const until = this.#clock.now()
    this.#forget(until - this.#keepMs)
    row.past.push({ until, stored: row.stored })
    this.#queue.push({ until, row, emptied })
  }

  #forget(before: number): void {
    for (; this.#head < this.#queue.length; this.#head++) {
      const { until, row, emptied } = this.#queue[this.#head]!
      if (until > before) break
      row.past.shift()
      if (row.stored === undefined && row.past.length === 0) emptied(row)
    }
    if (this.#head * 2 <= this.#queue.length) return
    this.#queue = this.#queue.slice(this.#head)
    this.#head = 0
  }
}
