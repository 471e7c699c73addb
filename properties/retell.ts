import type { TraceEvent } from "../sim/trace.js"
import type { Case } from "./case.js"
import type { EngineUnderTest } from "./engine-under-test.js"
import type { Property } from "./monitor.js"
import { playOf } from "./play.js"
import type { Scenario } from "./scenario.js"
import type { Setup } from "./setup.js"
import { simulatedRun } from "./simulated-run.js"
import { sameAs } from "./smallest-case.js"
import { storyLines } from "./story.js"

/** What a case comes to when it is run again. */
export interface Retold {
  /** Whether the same property is violated again. */
  readonly violated: boolean
  /** How many of the case's decisions still had an effect: fewer than all after the code has changed. */
  readonly applied: number
  /** What happened, line by line. */
  readonly story: readonly string[]
}

/**
 * Runs a case again.
 * @param scenario The one that the case names.
 * @param onEvent Gets every event as it happens.
 * @throws InvalidOptionError when the scenario does not run on the case's store
 * @throws StoreUnavailableError when what the fake needs is not installed
 */
export async function retell(
  found: Case,
  scenario: Scenario,
  engine: EngineUnderTest,
  properties: readonly Property[],
  onEvent?: (event: TraceEvent) => void,
): Promise<Retold> {
  const trace: TraceEvent[] = []
  const { seed, decisions, violation } = found
  const setup = found.setup as Setup
  const play = playOf("retell", scenario, found.on)
  const under = { play, seed, engine, properties, setup, until: violation.property }
  const run = await simulatedRun(under, {
    decisions,
    onEvent: (event) => {
      trace.push(event)
      onEvent?.(event)
    },
  })
  const shown = sameAs(violation, run)
  return {
    violated: shown !== undefined,
    applied: run.applied?.length ?? 0,
    story: storyLines({ setup: setup.scenario, store: setup.store, decisions, trace, violation: shown }),
  }
}
