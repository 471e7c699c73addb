import type { Clock } from "../../../engine/clock.js"
import type { Random } from "../../../engine/random.js"
import { MaxResyncsExhaustedError } from "../max-resyncs-exhausted-error.js"

/** Every conflict means that somebody else got on, so that many in a row mean that something is wrong. */
const maxAttempts = 30
const firstPauseMs = 5
const longestPauseMs = 500

/** The conflicts of one write: pauses that grow, with jitter so that two who lost do not meet again. */
export class Conflicts {
  readonly #stream: string
  readonly #clock: Clock
  readonly #random: Random
  #attempts = 0

  constructor(stream: string, { clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#stream = stream
    this.#clock = clock
    this.#random = random
  }

  /** @throws MaxResyncsExhaustedError */
  async pause(): Promise<void> {
    this.#attempts++
    if (this.#attempts === maxAttempts) throw new MaxResyncsExhaustedError(this.#stream, maxAttempts)
    const most = Math.min(firstPauseMs * 2 ** (this.#attempts - 1), longestPauseMs)
    await this.#clock.sleep(this.#random.next() * most)
  }
}
