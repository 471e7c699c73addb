import type { SeededRandom } from "../seeded-random.js"

/** How many choices a run is expected to have. */
export interface ExpectedLength {
  /**
   * Choices in a run: times at which two or more steps were ready. Default: drawn anew for each run, a power of two from
   * 16 to 16,384, so that runs of any such length are hit; it costs a factor of at most 11 against knowing the length.
   */
  readonly choices?: number
}

/** Places in a run, drawn before it begins. The n-th answer of the function is the mark of the n-th choice, if it has one. */
export class ChangePoints {
  readonly #marks = new Map<number, number>()
  #choices = 0

  constructor(random: SeededRandom, count: number, { choices }: ExpectedLength) {
    const length = Math.max(choices ?? 2 ** random.integer(4, 14), count)
    while (this.#marks.size < count) {
      const place = random.integer(1, length)
      if (!this.#marks.has(place)) this.#marks.set(place, this.#marks.size)
    }
  }

  /** Goes on to the next choice; answers its mark, from 0 to `count - 1`, the marks being in no order. */
  next(): number | undefined {
    return this.#marks.get(++this.#choices)
  }
}
