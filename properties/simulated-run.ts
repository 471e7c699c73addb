import type { Decision } from "../sim/decision.js"
import { simulate, type SimulationOptions, type SimulationResult } from "../sim/simulate.js"
import type { StrayUse } from "../sim/stray-use.js"
import type { TraceEvent } from "../sim/trace.js"
import type { World } from "../sim/world.js"
import type { Assumption } from "./assumption.js"
import { withAwsSdk } from "./aws-sdk.js"
import { messageOf } from "../engine/error-message.js"
import { fakeMessageDb } from "./fake-message-db.js"
import { StageOnDynamoStore } from "./stage-on-dynamo-store.js"
import { StageOnMessageDb } from "./stage-on-message-db.js"
import { Exercise } from "./exercise.js"
import type { Property } from "./monitor.js"
import { drawn } from "./drawn.js"
import type { Play } from "./play.js"
import { type Setup, setupOf } from "./setup.js"
import type { EngineUnderTest } from "./engine-under-test.js"
import { Watch } from "./watch.js"

/** What one run came to. */
export interface Run {
  readonly strategy: string
  readonly steps: number
  readonly virtualMs: number
  readonly traceHash: string
  readonly faults: Readonly<Record<string, number>>
  /** What the run could exercise, and how often it did, by name. */
  readonly exercised: Readonly<Record<string, number>>
  /** Why the run did not end as it should have: says nothing about properties. */
  readonly failure: string | undefined
  readonly watch: Watch
  /** What was decided otherwise than by default, and which of the given decisions had an effect. Only where it is simulated. */
  readonly decisions?: readonly Decision[]
  readonly applied?: readonly Decision[]
  /** Uses of the machine's clock, timers and chance, where they were watched for. */
  readonly stray?: readonly StrayUse[]
}

export interface RunUnderTest {
  readonly play: Play
  readonly seed: number | string
  readonly engine: EngineUnderTest
  readonly properties: readonly Property[]
  /** Assumptions that do not hold, besides those that the scenario breaks. Default: none. */
  readonly without?: readonly Assumption[]
  /** Default: drawn from the seed. */
  readonly setup?: Setup
  /** The run is cut short as soon as this property is violated. Default: it is not. */
  readonly until?: string
}

/** What a run is set up with. */
export const setupUnderTest = ({ play, seed, setup }: RunUnderTest): Setup => setup ?? drawn(setupOf(play), seed).value

/** Watches one run of it. */
export const watchOf = (under: Pick<RunUnderTest, "play" | "properties" | "without">): Watch =>
  new Watch(under.properties, { without: brokenIn(under) })

/** The assumptions that do not hold in its runs. */
export const brokenIn = ({ play, without = [] }: Pick<RunUnderTest, "play" | "without">): readonly Assumption[] => [
  ...(play.scenario.breaks ?? []),
  ...without,
]

/** @throws StoreUnavailableError when the SDK is not installed, which the fake is a client of. */
export const loadFakeDynamoStore = () => withAwsSdk(() => import("./fake-dynamo-store.js"))

/**
 * Runs a scenario under virtual time on an empty fake.
 * @throws StoreUnavailableError
 */
export async function simulatedRun(under: RunUnderTest, how: SimulationOptions = {}): Promise<Run> {
  const { seed, until } = under
  const watch = watchOf(under)
  const exercise = new Exercise(under.play.on)
  const { outcome, ...result } = await simulate(seed, await stagehand(under), {
    ...(under.engine.globals !== undefined && { globals: under.engine.globals }),
    ...how,
    ...(until !== undefined && { stopWhen: () => watch.isViolated(until) }),
    onEvent: (event) => {
      watch.observe(event)
      exercise.observe(event)
      how.onEvent?.(event)
    },
  })
  watch.end()
  if (watch.hasToCompare) watch.compare(await calmRun(under))
  const exercised = Object.fromEntries(exercise.counts)
  return { ...result, exercised, failure: failureOf({ outcome }), watch }
}

/** Watches the same deployment with the same input when nothing goes wrong: no fault, first in, first out. */
async function calmRun(under: RunUnderTest): Promise<Watch> {
  const watch = watchOf(under)
  const { globals } = under.engine
  const onEvent = (event: TraceEvent) => watch.observe(event)
  await simulate(under.seed, await stagehand(under), {
    decisions: [],
    onEvent,
    ...(globals !== undefined && { globals }),
  })
  return watch
}

/** Why a simulation did not end as it should have. */
export const failureOf = ({ outcome }: Pick<SimulationResult, "outcome">): string | undefined =>
  outcome.kind === "ok" ? undefined : messageOf(outcome.error)

/**
 * What a simulation is to run: the scenario on an empty fake. What has to be loaded is loaded before the world begins.
 * @throws StoreUnavailableError
 */
export async function stagehand(under: RunUnderTest): Promise<(world: World) => Promise<void>> {
  const { play, engine } = under
  const setup = setupUnderTest(under)
  if (play.on === "message-db")
    return async (world) =>
      play.scenario.run(await StageOnMessageDb.create(world, engine, fakeMessageDb(world)), setup.scenario)
  const { fakeDynamoStore } = await loadFakeDynamoStore()
  return async (world) => {
    const stage = new StageOnDynamoStore(world, engine, await fakeDynamoStore(world), setup.store!)
    if (play.scenario.store === "any") stage.startIndexer()
    await play.scenario.run(stage, setup.scenario)
  }
}
