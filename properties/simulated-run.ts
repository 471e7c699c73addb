import { simulate } from "../sim/simulate.js"
import type { World } from "../sim/world.js"
import { withAwsSdk } from "./aws-sdk.js"
import { messageOf } from "./consumer-trace.js"
import { fakeMessageDb } from "./fake-message-db.js"
import { StageOnDynamoStore } from "./stage-on-dynamo-store.js"
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

/** @throws StoreUnavailableError when the SDK is not installed, which the fake is a client of. */
export const loadFakeDynamoStore = () => withAwsSdk(() => import("./fake-dynamo-store.js"))

/**
 * Runs a scenario under virtual time on an empty fake.
 * @throws StoreUnavailableError
 */
export async function simulatedRun({ play, seed, engine, properties }: RunUnderTest): Promise<Run> {
  const watch = new Watch(properties)
  const { outcome, ...result } = await simulate(seed, await stagehand(play, engine), {
    onEvent: (event) => watch.observe(event),
  })
  watch.end()
  return { ...result, failure: outcome.kind === "ok" ? undefined : messageOf(outcome.error), watch }
}

/** What has to be loaded is loaded before the world begins. @throws StoreUnavailableError */
async function stagehand({ on, scenario }: Play, engine: EngineUnderTest): Promise<(world: World) => Promise<void>> {
  if (on === "message-db")
    return async (world) => scenario.run(await StageOnMessageDb.create(world, engine, fakeMessageDb(world)))
  const { fakeDynamoStore } = await loadFakeDynamoStore()
  return async (world) => {
    const stage = new StageOnDynamoStore(world, engine, await fakeDynamoStore(world))
    if (scenario.store === "any") stage.startIndexer()
    await scenario.run(stage)
  }
}
