/*
 * Probabilistic concurrency testing. Every chain of steps has a priority, and the ready step of the highest one goes.
 * At a few places that were drawn before, the one that would go falls below all others.
 *
 * Invariants: the first priority of a chain is a function of the run's seed and the chain's number, so it takes no memory;
 * only the chains that fell (one per place) are kept. The ready steps are in a heap, so that a choice costs O(log n)
 * for n ready steps. A smaller rank goes first: ranks from 0 to 1 are the first ones, n + 1 is that of the place with
 * mark n.
 */
import { checkOptions, InvalidOptionError, integer, optional } from "../../engine/options.js"
import type { SeededRandom } from "../seeded-random.js"
import type { Chooser, ReadyStep, ReadySteps, Strategy } from "../strategy.js"
import { TimerHeap } from "../timer-heap.js"
import { hashOf, rankOf } from "./rank.js"
import { ChangePoints, type ExpectedLength } from "./change-points.js"

export interface PctOptions extends ExpectedLength {
  /**
   * What has a priority: each chain of steps (what one process does concurrently is ordered, too), or each incarnation of
   * a process (which then is slow or fast as a whole, like one that lost its processor). Default: `chain`.
   */
  readonly of?: "chain" | "process"
}

/**
 * Probabilistic concurrency testing (S. Burckhardt, P. Kothari, M. Musuvathi, S. Nagarakatte: A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs, ASPLOS 2010). A bug of depth d is one for which d pairs of steps must come in
 * a certain order. With n chains, at most k choices and this depth, one run meets it with a probability of at least
 * 1 / (n · k^(d-1)), however many steps must lose against others: a chain of low priority waits as long as others
 * go. That is with k given; without, see {@link ExpectedLength}. Only choices count, because a fall while nobody else is
 * ready takes effect at the next choice just as well. The promise holds among steps that are ready together: it does not
 * make time pass, see `withLatencies`.
 *
 * @param depth at least 1; with 1, priorities never change.
 * @throws InvalidOptionError
 */
export function pct(depth: number, options: PctOptions = {}): Strategy {
  checkOptions("pct", { depth: integer(1), choices: optional(integer(1)) }, { depth, ...options })
  const { of = "chain" } = options
  if (of !== "chain" && of !== "process") throw new InvalidOptionError("pct", "of", of, '"chain" or "process"')
  return {
    name: of === "chain" ? `pct(${depth})` : `pct(${depth}, of processes)`,
    begin: (random) => new Pct(random, of, new ChangePoints(random, depth - 1, options)),
  }
}

class Pct implements Chooser {
  readonly #of: "chain" | "process"
  readonly #changes: ChangePoints
  readonly #salt: number
  readonly #fallen = new Map<number | string, number>()
  readonly #heap = new TimerHeap<Waiting>()
  readonly #waiting = new Map<ReadyStep, Waiting>()
  #arrivals = 0

  constructor(random: SeededRandom, of: "chain" | "process", changes: ChangePoints) {
    this.#of = of
    this.#changes = changes
    this.#salt = random.integer(0, 0xffff_ffff)
  }

  choose(ready: ReadySteps): number {
    const mark = this.#changes.next()
    if (mark !== undefined) this.#fall(mark)
    return ready.indexOf(this.#heap.first!.step)
  }

  ready(step: ReadyStep): void {
    this.#push({ step, due: this.#rank(step), order: this.#arrivals++, slot: -1 })
  }

  released(step: ReadyStep): void {
    this.gone(step)
  }

  gone(step: ReadyStep): void {
    this.#heap.remove(this.#waiting.get(step)!)
    this.#waiting.delete(step)
  }

  #push(waiting: Waiting): void {
    this.#waiting.set(waiting.step, waiting)
    this.#heap.push(waiting)
  }

  /** Whoever would go is last from now on. All that waits with the same priority goes down with it. */
  #fall(mark: number): void {
    const key = this.#key(this.#heap.first!.step)
    this.#fallen.set(key, mark + 1)
    for (let { first } = this.#heap; first !== undefined && this.#key(first.step) === key; first = this.#heap.first) {
      if (first.due === mark + 1) return
      this.#heap.remove(first)
      this.#push({ ...first, due: mark + 1 })
    }
  }

  #key({ chain, label }: ReadyStep): number | string {
    return this.#of === "chain" ? chain : label.process
  }

  #rank(step: ReadyStep): number {
    const key = this.#key(step)
    return this.#fallen.get(key) ?? rankOf(typeof key === "number" ? key : hashOf(key), this.#salt)
  }
}

interface Waiting {
  readonly step: ReadyStep
  /** The rank. */
  readonly due: number
  readonly order: number
  slot: number
}
