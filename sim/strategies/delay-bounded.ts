import { checkOptions, integer, optional } from "../../engine/options.js"
import type { Chooser, ReadyStep, ReadySteps, Strategy } from "../strategy.js"
import { ChangePoints, type ExpectedLength } from "./change-points.js"

/**
 * First in, first out, but for at most so many delays at random choices: the step that would go lets all go first that
 * are ready now (M. Emmi, S. Qadeer, Z. Rakamarić: Delay-Bounded Scheduling, POPL 2011). Finds bugs that need few
 * deviations from the ordinary course, and gives stories that are short from the start. A choice costs O(d log n).
 *
 * @param delays at least 0; 0 is `fifo`.
 * @throws InvalidOptionError
 */
export function delayBounded(delays: number, options: ExpectedLength = {}): Strategy {
  checkOptions("delayBounded", { delays: integer(0), choices: optional(integer(1)) }, { delays, ...options })
  return {
    name: `delayBounded(${delays})`,
    begin: (random) => new DelayBounded(new ChangePoints(random, delays, options)),
  }
}

class DelayBounded implements Chooser {
  readonly #changes: ChangePoints
  /** Delayed steps, and the step that each waits for: the newest when it was delayed. */
  readonly #delayed = new Map<ReadyStep, ReadyStep>()

  constructor(changes: ChangePoints) {
    this.#changes = changes
  }

  choose(ready: ReadySteps): number {
    const delays = this.#changes.next() !== undefined
    const index = this.#oldest(ready, 0)
    if (!delays || index === ready.size - 1) return index
    this.#delayed.set(ready.at(index), ready.at(ready.size - 1))
    return this.#oldest(ready, index + 1)
  }

  released(step: ReadyStep): void {
    this.gone(step)
  }

  gone(step: ReadyStep): void {
    if (this.#delayed.size === 0) return
    this.#delayed.delete(step)
    for (const [delayed, until] of this.#delayed) if (until === step) this.#delayed.delete(delayed)
  }

  /** The oldest that is not delayed; the oldest of all when all are. */
  #oldest(ready: ReadySteps, from: number): number {
    for (let index = from; index < ready.size; index++) if (!this.#delayed.has(ready.at(index))) return index
    return 0
  }
}
