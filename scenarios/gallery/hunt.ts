import type { EngineUnderTest } from "../../properties/engine-under-test.js"
import type { Property } from "../../properties/monitor.js"
import type { Play } from "../../properties/play.js"
import { seedOfRun } from "../../properties/seeds.js"
import { type Run, type RunUnderTest, simulatedRun } from "../../properties/simulated-run.js"
import type { Observation } from "../../properties/watch.js"
import type { Strategy } from "../../sim/strategy.js"

/** What is hunted, and where. */
export interface Prey {
  readonly play: Play
  readonly engine: EngineUnderTest
  readonly properties: readonly Property[]
  /** Id of the property whose violation counts; `run` when it is that the run fails. */
  readonly property: string
}

/** The run that showed it. */
export interface Catch {
  /** How many runs it took, this one included. */
  readonly runs: number
  readonly under: RunUnderTest
  readonly run: Run
  readonly violation: Observation
}

export interface HuntOptions {
  readonly seed: number | string
  readonly strategy: Strategy
  readonly mostRuns: number
  readonly isOver?: () => boolean
}

/** Fifty times what a run takes. A bug that spins without letting time pass would go on to a limit that is meant for long runs. */
const maxSteps = 20_000

/**
 * Runs a play with seed after seed, as a check with that seed does, until its property is violated. Each run is cut short
 * there, none is made smaller, none is run twice.
 * @param isOver asked before each run: whether to give up.
 * @returns undefined when it is not within so many runs.
 */
export async function hunt(
  prey: Prey,
  { seed, strategy, mostRuns, isOver = () => false }: HuntOptions,
): Promise<Catch | undefined> {
  const { property, ...what } = prey
  for (let n = 0; n < mostRuns && !isOver(); n++) {
    const under = { ...what, seed: seedOfRun(seed, n), until: property }
    const run = await simulatedRun(under, { strategy, maxSteps })
    const violation = violationOf(property, run)
    if (violation !== undefined) return { runs: n + 1, under, run, violation }
  }
  return undefined
}

function violationOf(property: string, { watch, failure }: Run): Observation | undefined {
  if (property !== "run") return watch.violations.find((one) => one.property === property)
  return failure === undefined ? undefined : { property, message: failure }
}
