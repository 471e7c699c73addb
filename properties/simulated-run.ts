import { simulate } from "../sim/simulate.js"
import type { World } from "../sim/world.js"
import { messageOf } from "./consumer-trace.js"
import { fakeMessageDb } from "./fake-message-db.js"
import { StageOnMessageDb } from "./stage-on-message-db.js"
import type { Property } from "./monitor.js"
import type { Play } from "./play.js"
import type { EngineUnderTest } from "./engine-under-test.js"
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
  readonly play: Play
  readonly seed: number | string
  readonly engine: EngineUnderTest
  readonly properties: readonly Property[]
}

/** Runs a scenario under virtual time on an empty fake. */
export async function simulatedRun({ play, seed, engine, properties }: RunUnderTest): Promise<Run> {
  const watch = new Watch(properties)
  const { outcome, ...result } = await simulate(seed, (world) => onFake(play, world, engine), {
    onEvent: (event) => watch.observe(event),
  })
  watch.end()
  return { ...result, failure: outcome.kind === "ok" ? undefined : messageOf(outcome.error), watch }
}

async function onFake({ on, scenario }: Play, world: World, engine: EngineUnderTest): Promise<void> {
  if (on === "message-db") return scenario.run(await StageOnMessageDb.create(world, engine, fakeMessageDb(world)))
  throw new Error("no stage yet")
}
