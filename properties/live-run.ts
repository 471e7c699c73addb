import type { Clock } from "../engine/clock.js"
import { liveWorld } from "../sim/live-world.js"
import { messageOf } from "./consumer-trace.js"
import { liveMessageDb } from "./live-message-db.js"
import { StageOnMessageDb } from "./stage-on-message-db.js"
import type { Run, RunUnderTest } from "./simulated-run.js"
import { Watch } from "./watch.js"

/** A real Message DB to check on. */
export interface LiveStore {
  readonly kind?: "message-db"
  /** As it appears in results, e.g. `embedded`. */
  readonly name: string
  /** An empty Message DB for one run, which removes it when it is done. */
  fresh(): Promise<{ readonly connectionString: string; drop(): Promise<void> }>
}

/**
 * Runs a scenario in real time on an empty Message DB of its own.
 * @throws StoreUnavailableError
 */
export async function liveRun(under: RunUnderTest, store: LiveStore, clock: Clock): Promise<Run> {
  const database = await store.fresh()
  try {
    return await runOn(database.connectionString, under, clock)
  } finally {
    await database.drop()
  }
}

async function runOn(
  connectionString: string,
  { play, seed, engine, properties }: RunUnderTest,
  clock: Clock,
): Promise<Run> {
  const backend = await liveMessageDb(connectionString)
  const world = liveWorld({ seed, clock })
  const watch = new Watch(properties)
  world.trace.subscribe((event) => watch.observe(event))
  const began = clock.now()
  let failure: string | undefined
  try {
    const stage = await StageOnMessageDb.create(world, engine, backend)
    if (play.on === "message-db") await play.scenario.run(stage)
  } catch (error) {
    failure = messageOf(error)
  } finally {
    world.close()
    await backend.close()
  }
  watch.end()
  return {
    strategy: "real time",
    steps: world.trace.length,
    virtualMs: clock.now() - began,
    traceHash: world.trace.hash(),
    faults: world.faultCounts,
    failure,
    watch,
  }
}
