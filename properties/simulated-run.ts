import { simulate } from "../sim/simulate.js"
import { messageOf } from "./consumer-trace.js"
import { fakeMessageDb } from "./fake-message-db.js"
import { MessageDbStage } from "./message-db-stage.js"
import type { Property } from "./monitor.js"
import type { EngineUnderTest, Scenario } from "./scenario.js"
import { Watch } from "./watch.js"

/** What one run came to. */
export interface Run {
  readonly strategy: string
  readonly steps: number
  readonly virtualMs: number
  readonly traceHash: string
  readonly faults: Readonly<Record<string, number>>
  /** Why the run did not end as it should have: says nothing about properties. */
  readonly failure: string | undefined
  readonly watch: Watch
}

export interface RunUnderTest {
  readonly scenario: Scenario
  readonly seed: number | string
  readonly engine: EngineUnderTest
  readonly properties: readonly Property[]
}

/** Runs a scenario under virtual time on an empty fake. */
export async function simulatedRun({ scenario, seed, engine, properties }: RunUnderTest): Promise<Run> {
  const watch = new Watch(properties)
  const { outcome, ...result } = await simulate(
    seed,
    async (world) => {
      const stage = await MessageDbStage.create(world, engine, fakeMessageDb(world))
      await scenario.run(stage)
    },
    { onEvent: (event) => watch.observe(event) },
  )
  watch.end()
  return { ...result, failure: outcome.kind === "ok" ? undefined : messageOf(outcome.error), watch }
}
