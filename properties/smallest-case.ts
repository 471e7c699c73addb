import type { Clock } from "../engine/clock.js"
import type { Case } from "./case.js"
import { drawn } from "./drawn.js"
import type { Setup } from "./setup.js"
import { setupOf } from "./setup.js"
import { type Run, type RunUnderTest, simulatedRun } from "./simulated-run.js"
import { type Attempt, smaller } from "./smaller.js"
import type { Observation } from "./watch.js"

/** How much may be spent on making a failing run smaller. */
export interface ShrinkBudget {
  /** Milliseconds. */
  readonly timeMs: number
  /** How many runs at most. */
  readonly runs: number
}

export const usualBudget: ShrinkBudget = { timeMs: 5_000, runs: 2_000 }

/**
 * The smallest case found that shows what a failing run showed.
 * @returns undefined when the run, made again by its decisions, does not show it: it does not follow from its seed.
 */
export async function smallestCase(
  under: RunUnderTest,
  failed: Run,
  violation: Observation,
  { timeMs, runs }: ShrinkBudget,
  clock: Pick<Clock, "now">,
): Promise<Case | undefined> {
  const until = clock.now() + timeMs
  let left = runs
  const goesOn = () => left-- > 0 && clock.now() < until
  let shown: Observation | undefined
  const attempt: Attempt<Setup> = async (setup, decisions) => {
    const run = await again(under, setup, decisions, violation)
    const same = sameAs(violation, run)
    if (same === undefined) return undefined
    shown = same
    return run.applied
  }
  const setup = drawn(setupOf(under.play), under.seed)
  const applied = await attempt(setup.value_, failed.decisions ?? [])
  if (applied === undefined) return undefined
  const found = await smaller({ setup, decisions: applied }, { arbitrary: setupOf(under.play), attempt, goesOn })
  const { scenario, on } = under.play
  return {
    scenario: scenario.name,
    on,
    seed: under.seed,
    setup: found.setup.value_,
    decisions: found.decisions,
    violation: shown!,
  }
}

/** Runs what a case says, up to the violation that is looked for. */
const again = (
  under: RunUnderTest,
  setup: Setup,
  decisions: Case["decisions"],
  { property }: Pick<Observation, "property">,
): Promise<Run> => simulatedRun({ ...under, setup, until: property }, { decisions })

/** What a run showed in the way of an earlier violation: the same property, or for a failed run the same kind of failure. */
export function sameAs({ property, message }: Observation, { watch, failure }: Run): Observation | undefined {
  if (property !== "run") return watch.violations.find((other) => other.property === property)
  if (failure === undefined || kindOf(failure) !== kindOf(message)) return undefined
  return { property, message: failure }
}

/** What a failure says before it goes into numbers and names. */
const kindOf = (message: string): string => message.split(/[("\d:\n]/, 1)[0]!
