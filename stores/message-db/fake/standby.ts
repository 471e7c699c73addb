/*
 * A standby server that streams from the primary and lags behind it.
 *
 * Invariants: it shows the database as it was after one of its commits; it never goes back to an earlier one; a commit is
 * shown when it is as old as the lag is at the time, at the latest of all when the lag is 0. It takes no writes.
 *
 * A real one also cancels queries that are in the way of what it applies, and may go back when it was killed: it applies
 * again what it had not yet on disk. Neither happens here.
 */
import type { Clock } from "../../../engine/clock.js"
import { InvalidOptionError } from "../../../engine/options.js"
import { Fifo } from "../../../engine/sink/fifo.js"

export interface StandbyOptions {
  /** How far it is behind, in milliseconds of the clock, asked for with each query. May change; at least 0. */
  readonly lagMs: () => number
}

interface Commit {
  readonly number: number
  readonly at: number
}

/** Where a standby is in the primary's sequence of commits. */
export class Standby {
  readonly #clock: Pick<Clock, "now">
  readonly #lagMs: () => number
  /** Commits that it does not show yet, oldest first. */
  readonly #ahead = new Fifo<Commit>()
  #replayed: number

  /** @param replayed the last commit that it begins with. */
  constructor(clock: Pick<Clock, "now">, { lagMs }: StandbyOptions, replayed: number) {
    this.#clock = clock
    this.#lagMs = lagMs
    this.#replayed = replayed
  }

  /** Told of each commit of the primary that changed something. */
  committed(number: number): void {
    this.#ahead.push({ number, at: this.#clock.now() })
  }

  /** The number of the last commit that it shows. @throws InvalidOptionError when the lag is no time */
  replayed(): number {
    const lagMs = this.#lagMs()
    if (!(lagMs >= 0)) throw new InvalidOptionError("standby", "lagMs", lagMs, "a number of milliseconds of at least 0")
    const upTo = this.#clock.now() - lagMs
    for (let next = this.#ahead.head; next !== undefined && next.at <= upTo; next = this.#ahead.head) {
      this.#replayed = next.number
      this.#ahead.shift()
    }
    return this.#replayed
  }
}
