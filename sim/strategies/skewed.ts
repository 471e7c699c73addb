/*
 * A random walk on a slope. Weights are powers of two, so the ready steps are kept in one list per weight: a choice draws
 * a list by what is in it, and then one of its steps. It costs O(log n), which is for telling where in the queue the step is.
 */
import { InvalidOptionError } from "../../engine/options.js"
import type { SeededRandom } from "../seeded-random.js"
import type { Chooser, ReadyStep, ReadySteps, Strategy } from "../strategy.js"
import { hashOf, rankOf } from "./rank.js"

/**
 * A random walk in which each chain of steps has a weight of its own for the whole run: 1, 2, 4, … 64, drawn anew for each
 * run. Where `random` lets a chain win fifteen times in a row against another once in 32,768 times, a chain of weight 64
 * does so four times in five against one of weight 1.
 *
 * @param of what has a weight: each chain of steps, or each incarnation of a process as a whole. Default: `chain`.
 * @throws InvalidOptionError
 */
export function skewed(of: "chain" | "process" = "chain"): Strategy {
  if (of !== "chain" && of !== "process") throw new InvalidOptionError("skewed", "of", of, '"chain" or "process"')
  return {
    name: of === "chain" ? "skewed" : "skewed(of processes)",
    begin: (random) => new Skewed(random, of),
  }
}

const weights = 7

class Skewed implements Chooser {
  readonly #random: SeededRandom
  readonly #of: "chain" | "process"
  readonly #salt: number
  /** List n has the ready steps of weight 2^n. */
  readonly #lists: ReadyStep[][] = Array.from({ length: weights }, () => [])
  readonly #places = new Map<ReadyStep, number>()

  constructor(random: SeededRandom, of: "chain" | "process") {
    this.#random = random
    this.#of = of
    this.#salt = random.integer(0, 0xffff_ffff)
  }

  choose(ready: ReadySteps): number {
    const total = this.#lists.reduce((sum, list, n) => sum + list.length * 2 ** n, 0)
    let drawn = this.#random.integer(0, total - 1)
    for (const [n, list] of this.#lists.entries()) {
      const here = list.length * 2 ** n
      if (drawn < here) return ready.indexOf(list[drawn >> n]!)
      drawn -= here
    }
    return 0
  }

  ready(step: ReadyStep): void {
    const list = this.#listOf(step)
    this.#places.set(step, list.length)
    list.push(step)
  }

  released(step: ReadyStep): void {
    this.gone(step)
  }

  gone(step: ReadyStep): void {
    const place = this.#places.get(step)!
    const list = this.#listOf(step)
    const last = list.pop()!
    this.#places.delete(step)
    if (last === step) return
    list[place] = last
    this.#places.set(last, place)
  }

  #listOf({ chain, label }: ReadyStep): ReadyStep[] {
    const key = this.#of === "chain" ? chain : hashOf(label.process)
    return this.#lists[Math.floor(rankOf(key, this.#salt) * weights)]!
  }
}
