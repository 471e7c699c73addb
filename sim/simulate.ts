import * as v from "valibot"
import { checkOptions, fn, has, InvalidOptionError, integer, optional } from "../engine/options.js"
import { PacedWorld } from "./paced-world.js"
import { Scheduler } from "./scheduler.js"
import { seededRandom } from "./seeded-random.js"
import { random as randomStrategy, type Strategy } from "./strategy.js"
import type { TraceEvent } from "./trace.js"
import { TraceRecorder } from "./trace-recorder.js"
import type { FaultPlan, World } from "./world.js"

export interface SimulationOptions {
  /** Who goes next. Default: {@link randomStrategy}. */
  readonly strategy?: Strategy
  /** The run fails after this many steps. Default: 1,000,000. */
  readonly maxSteps?: number
  /** The run fails beyond this virtual time in milliseconds. Default: 3,600,000, one hour. */
  readonly maxVirtualMs?: number
  /**
   * Virtual milliseconds that each request and each reply of a port is under way: whole numbers drawn from this range,
   * both ends included. Default: `[0, 3]`.
   */
  readonly latencyMs?: readonly [number, number]
  /** Trouble from the beginning; see {@link World.fault}. */
  readonly faults?: readonly FaultPlan[]
  /** Gets every event of the trace as it happens. */
  readonly onEvent?: (event: TraceEvent) => void
}

export interface SimulationResult {
  readonly seed: string | number
  /** Name of the strategy. */
  readonly strategy: string
  /** How many steps were released. */
  readonly steps: number
  /** Virtual milliseconds that passed. */
  readonly virtualMs: number
  /** Digest of all events and all decisions: equal for equal histories, in whatever process they are run. */
  readonly traceHash: string
  /** How many faults there were, by kind: `requestLost`, `replyLost`, `delay`, `crash` (also those by `crash()`). */
  readonly faults: Readonly<Record<string, number>>
  /** `failed` when the scenario rejected, got stuck, ran into a limit or did not fit the recorded choices. */
  readonly outcome: { readonly kind: "ok" } | { readonly kind: "failed"; readonly error: unknown }
  /**
   * What was chosen where two or more steps were ready, as an index into these, oldest first. Zeros at the end are left
   * out. With the same seed, `replay(choices)` gives the same history.
   */
  readonly choices: readonly number[]
}

/** Virtual time begins here: 2020-01-01T00:00:00Z. */
export const epoch = Date.UTC(2020, 0, 1)

/**
 * Runs a scenario under virtual time, in an order that the strategy chooses, with faults: one seed, one history. All
 * chance of a run (latencies, faults, choices, `world.random`) comes from the seed.
 *
 * The run is over when `main` settles; processes that still live are then killed. It never rejects because of what the
 * scenario does: see `outcome`.
 *
 * One history per seed holds for code that gets time and chance from the world and takes to real I/O, real timers and
 * the global random source in no other way. Runs may overlap; each has its own world.
 *
 * @throws InvalidOptionError
 */
export async function simulate(
  seed: string | number,
  main: (world: World) => Promise<void>,
  options: SimulationOptions = {},
): Promise<SimulationResult> {
  check(seed, main, options)
  const strategy = options.strategy ?? randomStrategy
  const [minLatency, maxLatency] = options.latencyMs ?? [0, 3]
  const random = seededRandom(seed)
  // Names that a scenario is not likely to give to forks of its own.
  const own = random.fork("simulation")
  const latencies = own.fork("latency")
  const scheduler: Scheduler = new Scheduler({
    choose: strategy.begin(own.fork("schedule")),
    maxSteps: options.maxSteps ?? 1_000_000,
    maxVirtualMs: options.maxVirtualMs ?? 3_600_000,
    released: (label, now) => trace.decided(`${now} ${label.text}`),
    strike: (label, life) => world.strike(label, life),
    lives: () => world.lives(),
  })
  const trace = new TraceRecorder(() => scheduler.now)
  if (options.onEvent !== undefined) trace.subscribe(options.onEvent)
  const pace = {
    now: () => epoch + scheduler.now,
    schedule: scheduler.add.bind(scheduler),
    latency: () => latencies.integer(minLatency, maxLatency),
  }

  let outcome: SimulationResult["outcome"] | undefined
  const settle = (result: SimulationResult["outcome"]) => void (outcome ??= result)
  const fail = (error: unknown) => settle({ kind: "failed", error })
  const world = new PacedWorld("simulated", pace, random, trace, fail)
  for (const plan of options.faults ?? []) world.fault(plan)

  // The scheduler's first turn is asked for before the scenario can ask for one, so that it sees a scenario that does.
  const scheduled = scheduler.run(() => outcome !== undefined)
  const running = async () => main(world)
  running().then(() => settle({ kind: "ok" }), fail)
  await scheduled.catch((error: unknown) => {
    // What stopped the scheduler outweighs what the scenario came to.
    outcome = { kind: "failed", error }
  })
  world.end()

  return {
    seed,
    strategy: strategy.name,
    steps: scheduler.steps,
    virtualMs: scheduler.now,
    traceHash: trace.hash(),
    faults: world.faults.counts,
    outcome: outcome!,
    choices: scheduler.choices,
  }
}

const entries = {
  strategy: optional(has("begin")),
  maxSteps: optional(integer(1)),
  maxVirtualMs: optional(integer(1)),
  latencyMs: optional(
    v.custom<readonly [number, number]>(
      (x) => Array.isArray(x) && x.length === 2 && x.every((ms) => Number.isSafeInteger(ms) && ms >= 0) && x[0] <= x[1],
      "a range [from, to] of whole milliseconds of at least 0",
    ),
  ),
  faults: optional(v.custom<readonly FaultPlan[]>(Array.isArray, "a list of fault plans")),
  onEvent: optional(fn),
}

function check(seed: unknown, main: unknown, options: SimulationOptions): void {
  if (typeof seed !== "string" && !Number.isFinite(seed))
    throw new InvalidOptionError("simulate", "seed", seed, "a string or a finite number")
  if (typeof main !== "function") throw new InvalidOptionError("simulate", "main", main, "an async function")
  checkOptions("simulate", entries, options)
}
