/*
 * A random walk in which all interleavings are equally likely. From a place where process i has r_i steps left, the number
 * of interleavings of the rest is the multinomial (Σ r)! / Π (r_i!), and the share of those that begin with process i is
 * r_i / Σ r. So that is the probability with which it is chosen.
 *
 * Invariants: each process has one list of its ready steps; its remaining steps are those expected less those released,
 * never less than one. A choice costs O(p + log n) for p processes and n ready steps.
 */
import { InvalidOptionError } from "../../engine/options.js"
import type { SeededRandom } from "../seeded-random.js"
import { simulate, type SimulationOptions } from "../simulate.js"
import { type Chooser, fifo, type ReadyStep, type ReadySteps, type Strategy } from "../strategy.js"
import type { World } from "../world.js"

/** How many steps each process takes in a run, all of its incarnations together, by its name; `world` for the world's own. */
export type StepsPerProcess = Readonly<Record<string, number>>

/**
 * Uniform random walk (H. Zhao, D. Wolff, U. Mathur, A. Roychoudhury: Selectively Uniform Concurrency Testing, ASPLOS
 * 2025; the walk without its selection of interesting steps). `random` favours orders in which short processes are over
 * early; here a process goes next with a probability in proportion to the steps that it has left. When the numbers of steps are
 * right and each process does one thing at a time, all interleavings are equally likely. What is ready within a process
 * goes with equal probability. A process that is not named counts as one with a single step left.
 *
 * @param expected from {@link stepsPerProcess}; the same for all runs, so that a seed gives the same history whatever was
 *   run before.
 * @throws InvalidOptionError
 */
export function uniformWalk(expected: StepsPerProcess): Strategy {
  for (const [name, steps] of Object.entries(expected))
    if (!(Number.isSafeInteger(steps) && steps >= 0))
      throw new InvalidOptionError("uniformWalk", `expected.${name}`, steps, "a whole number of steps")
  return { name: "uniformWalk", begin: (random) => new UniformWalk(random, expected) }
}

/** Counts the steps of one run, first in, first out unless a strategy is given. */
export async function stepsPerProcess(
  seed: string | number,
  main: (world: World) => Promise<void>,
  { strategy, ...options }: SimulationOptions = {},
): Promise<StepsPerProcess> {
  const counting = new StepCount(strategy)
  await simulate(seed, main, { ...options, strategy: counting })
  return counting.steps
}

/** Counts the steps of the runs that go by it, first in, first out unless by another strategy. */
export class StepCount implements Strategy {
  readonly name = "counted"
  readonly #strategy: Strategy
  readonly #counts = new Map<string, number>()

  constructor(strategy: Strategy = fifo) {
    this.#strategy = strategy
  }

  begin(random: SeededRandom): Chooser {
    const chooser = this.#strategy.begin(random)
    const released = chooser.released?.bind(chooser)
    return Object.assign(chooser, {
      released: (step: ReadyStep) => {
        released?.(step)
        this.#counts.set(processOf(step), (this.#counts.get(processOf(step)) ?? 0) + 1)
      },
    })
  }

  /** Of all runs together. */
  get steps(): StepsPerProcess {
    return Object.fromEntries(this.#counts)
  }
}

class UniformWalk implements Chooser {
  readonly #random: SeededRandom
  readonly #expected: StepsPerProcess
  readonly #processes = new Map<string, { readonly ready: ReadyStep[]; left: number }>()
  readonly #places = new Map<ReadyStep, number>()

  constructor(random: SeededRandom, expected: StepsPerProcess) {
    this.#random = random
    this.#expected = expected
  }

  choose(steps: ReadySteps): number {
    const able = [...this.#processes.values()].filter(({ ready }) => ready.length > 0)
    let drawn = this.#random.integer(
      1,
      able.reduce((sum, { left }) => sum + Math.max(1, left), 0),
    )
    const { ready } = able.find(({ left }) => (drawn -= Math.max(1, left)) <= 0)!
    return steps.indexOf(this.#random.pick(ready))
  }

  ready(step: ReadyStep): void {
    const { ready } = this.#processOf(step)
    this.#places.set(step, ready.length)
    ready.push(step)
  }

  released(step: ReadyStep): void {
    this.gone(step)
    this.#processOf(step).left--
  }

  gone(step: ReadyStep): void {
    const { ready } = this.#processOf(step)
    const place = this.#places.get(step)!
    const last = ready.pop()!
    this.#places.delete(step)
    if (last === step) return
    ready[place] = last
    this.#places.set(last, place)
  }

  #processOf(step: ReadyStep): { readonly ready: ReadyStep[]; left: number } {
    const name = processOf(step)
    const known = this.#processes.get(name)
    if (known !== undefined) return known
    const process = { ready: [], left: Object.hasOwn(this.#expected, name) ? this.#expected[name]! : 1 }
    this.#processes.set(name, process)
    return process
  }
}

/** The process's name without the number of its incarnation. */
function processOf({ label: { process } }: ReadyStep): string {
  const end = process.lastIndexOf("#")
  return end < 0 ? process : process.slice(0, end)
}
