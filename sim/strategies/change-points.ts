import type { SeededRandom } from "../seeded-random.js"

/** How many choices a run is expected to have. */
export interface ExpectedLength {
  /**
   * Choices in a run: times at which two or more steps were ready. Default: unknown; then each place is drawn from 1 to
   * 16,384 so that each order of magnitude is as likely as any other, and the x-th choice is hit with a probability of
   * at least 1 / (10 · (x + 1)), instead of 1 / k for a known number k of choices.
   */
  readonly choices?: number
}

/** Places in a run, drawn before it begins, each by itself. Those drawn twice count once. */
export class ChangePoints {
  readonly #marks = new Map<number, number>()
  #choices = 0

  constructor(random: SeededRandom, count: number, { choices }: ExpectedLength) {
    for (let mark = 0; mark < count; mark++) {
      const place = choices === undefined ? Math.floor(2 ** (14 * random.next())) : random.integer(1, choices)
      this.#marks.set(place, mark)
    }
  }

  /** Goes on to the next choice; answers its mark, from 0 to `count - 1`, the marks being in no order. */
  next(): number | undefined {
    return this.#marks.get(++this.#choices)
  }
}
