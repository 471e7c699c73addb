import type { Clock } from "../engine/clock.js"
import type { TraceEvent } from "../sim/trace.js"
import { type LiveWorld, liveWorld } from "../sim/live-world.js"
import { messageOf } from "../engine/error-message.js"
import { Exercise } from "./exercise.js"
import { liveDynamoStore } from "./live-dynamo-store.js"
import { liveMessageDb } from "./live-message-db.js"
import type { LiveDynamoDb, LiveMessageDb, LiveStore } from "./live-store.js"
import type { Play } from "./play.js"
import type { Setup } from "./setup.js"
import { type Run, type RunUnderTest, setupUnderTest, watchOf } from "./simulated-run.js"
import { StageOnDynamoStore } from "./stage-on-dynamo-store.js"
import { StageOnMessageDb } from "./stage-on-message-db.js"

/**
 * Runs a scenario in real time on a real store, in a database or in tables of its own.
 * @throws StoreUnavailableError
 */
export async function liveRun(
  under: RunUnderTest,
  store: LiveStore,
  clock: Clock,
  { onEvent }: { readonly onEvent?: (event: TraceEvent) => void } = {},
): Promise<Run> {
  const { seed } = under
  const house = await open(under, store)
  const world = liveWorld({ seed, clock })
  const watch = watchOf(under)
  const exercise = new Exercise(under.play.on)
  world.trace.subscribe((event) => {
    watch.observe(event)
    exercise.observe(event)
    onEvent?.(event)
  })
  const began = clock.now()
  let failure: string | undefined
  try {
    await house.play(world)
  } catch (error) {
    failure = messageOf(error)
  } finally {
    world.close()
    await house.close()
  }
  watch.end()
  return {
    strategy: "real time",
    steps: world.trace.length,
    virtualMs: clock.now() - began,
    traceHash: world.trace.hash(),
    faults: world.faultCounts,
    exercised: Object.fromEntries(exercise.counts),
    failure,
    watch,
  }
}

/** A store that is empty, for one run. */
interface House {
  play(world: LiveWorld): Promise<void>
  /** Leaves nothing behind. */
  close(): Promise<void>
}

async function open(under: RunUnderTest, store: LiveStore): Promise<House> {
  const { play, engine } = under
  const setup = setupUnderTest(under)
  if (play.on === "message-db" && store.kind !== "dynamo-store") return openMessageDb(play, engine, store, setup)
  if (play.on === "dynamo-store" && store.kind === "dynamo-store") return openDynamoStore(play, engine, store, setup)
  throw new Error(`a scenario on ${play.on} was given the store ${store.name}`)
}

type On<Store> = Extract<Play, { on: Store }>

async function openMessageDb(
  { scenario }: On<"message-db">,
  engine: RunUnderTest["engine"],
  store: LiveMessageDb,
  setup: Setup,
): Promise<House> {
  const database = await store.fresh()
  try {
    const backend = await liveMessageDb(database.connectionString, database.standbyConnectionString)
    return {
      play: async (world) => scenario.run(await StageOnMessageDb.create(world, engine, backend), setup.scenario),
      close: async () => {
        await backend.close()
        await database.drop()
      },
    }
  } catch (error) {
    await database.drop()
    throw error
  }
}

async function openDynamoStore(
  { scenario }: On<"dynamo-store">,
  engine: RunUnderTest["engine"],
  store: LiveDynamoDb,
  setup: Setup,
): Promise<House> {
  const backend = await liveDynamoStore(store)
  return {
    play: async (world) => {
      const stage = new StageOnDynamoStore(world, engine, backend, setup.store!)
      if (scenario.store === "any") stage.startIndexer()
      await scenario.run(stage, setup.scenario)
    },
    close: () => backend.close(),
  }
}
