import { seedOfRun } from "../../properties/seeds.js"
import { simulatedRun } from "../../properties/simulated-run.js"
import type { Watch } from "../../properties/watch.js"
import type { Strategy } from "../../sim/strategy.js"
import type { Prey } from "./hunt.js"

/** A run in which a property was the first to be violated. */
export interface FirstBreak {
  /** How many runs it took, this one included. */
  readonly runs: number
  readonly message: string
  /** Ids of what was violated in the same run as well, later. */
  readonly later: readonly string[]
}

const maxSteps = 20_000

/**
 * Runs a planted bug until its property is violated while nothing else is: up to the event that shows it, every other
 * property holds. So the bug violates that property and nothing weaker, and no other one could have told of it sooner.
 * @returns undefined when there is no such run among so many.
 */
export async function firstToBreak(
  { property, ...what }: Prey,
  { seed, strategy, mostRuns }: { seed: number | string; strategy: Strategy; mostRuns: number },
): Promise<FirstBreak | undefined> {
  for (let n = 0; n < mostRuns; n++) {
    const { watch } = await simulatedRun({ ...what, seed: seedOfRun(seed, n) }, { strategy, maxSteps })
    const shown = watch.violations.find((one) => one.property === property)
    if (shown === undefined) continue
    const others = watch.violations.map((one) => one.property).filter((id) => id !== property)
    if (others.every((id) => eventOf(watch, id) >= eventOf(watch, property)))
      return { runs: n + 1, message: shown.message, later: others.toSorted() }
  }
  return undefined
}

/** What only the end of the trace shows comes after everything else. */
const eventOf = (watch: Watch, property: string): number => watch.eventOf(property) ?? Infinity
