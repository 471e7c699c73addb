import * as v from "valibot"
import { checkOptions, fn, has, InvalidOptionError, integer, optional } from "../engine/options.js"
import type { Decision } from "./decision.js"
import { DecisionLog } from "./decision-log.js"
import { type Globals, type Inside, inside } from "./inside.js"
import { clockOf } from "./life-clock.js"
import type { Life } from "./life.js"
import type { Pace } from "./pace.js"
import type { FaultDecider } from "./fault-plan.js"
import { PacedWorld } from "./paced-world.js"
import { Scheduler } from "./scheduler.js"
import { Script } from "./script.js"
import { type SeededRandom, seededRandom, watched } from "./seeded-random.js"
import { StepBudget } from "./step-budget.js"
import type { StepId } from "./step-id.js"
import { type Chooser, random as randomStrategy, type Strategy } from "./strategy.js"
import { type StrayUse, StrayUses } from "./stray-use.js"
import type { TraceEvent } from "./trace.js"
import { openDoors } from "./virtual-globals.js"
import { TraceRecorder } from "./trace-recorder.js"
import { waitingText } from "./waiting.js"
import { bears, catchUncaught } from "./uncaught.js"
import type { FaultPlan, World } from "./world.js"

export interface SimulationOptions {
  /** Who goes next. Default: {@link randomStrategy}. */
  readonly strategy?: Strategy
  /**
   * Decides everything as these say, and otherwise by default: instead of a strategy, of drawn latencies and of the
   * rates of fault plans, which then only say what may go wrong where. With the same seed, all decisions of a run give
   * that run again, and a part of them a simpler one.
   */
  readonly decisions?: readonly Decision[]
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
  /**
   * What becomes of the machine's clock, timers and chance where code of the scenario or under test uses them: `Date`,
   * `Intl.DateTimeFormat` without a date, `performance.now` and `timeOrigin`, `process.hrtime` and `uptime`, the timers,
   * `timers/promises`, `AbortSignal.timeout`, `Math.random`, random bytes, integers and UUIDs of `node:crypto` and of
   * `globalThis.crypto`.
   * - `real`: they work as ever, and one seed may not be one history;
   * - `watched`: they work as ever, and each use is reported with its place, see `SimulationResult.stray`;
   * - `virtual`, for foreign code: time is the world's, timers are steps of the process that set them and die with it,
   *   chance comes from the seed. Uses do no harm then and are not reported: to find their places costs much.
   *
   * Out of reach, and real in every case: functions that a module took from their place when it was loaded, before the run
   * (`const { randomUUID } = require("node:crypto")`, `const sleep = promisify(setTimeout)`), where named imports of an ES
   * module are within reach; what is generated for keys and by `crypto.subtle`; `performance.mark`; the time zone.
   *
   * Other code of the same program, such as a test runner, is not concerned. Both cost time. Default: `real`.
   */
  readonly globals?: "real" | "watched" | "virtual"
  /** Gets each line of what the trace's hash covers: `> time step` for a released step, else number, time and event. */
  readonly onLine?: (line: string) => void
  /** Asked before each step; the run is over, in good order, when it answers true. Default: it is not cut short. */
  readonly stopWhen?: () => boolean
}

export interface SimulationResult {
  readonly seed: string | number
  /** Name of the strategy, and of what it decided on where it has several ways; `replay` for given decisions. */
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
  /** All that was decided otherwise than by default, in the order in which it was. */
  readonly decisions: readonly Decision[]
  /** Those of the given decisions that had an effect; all decisions where none were given. */
  readonly applied: readonly Decision[]
  /** Uses of the machine's clock, timers and chance, with their places, when `globals` is `watched`; else always empty. */
  readonly stray: readonly StrayUse[]
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
  const { strategy = randomStrategy, decisions } = options
  if (decisions === undefined) {
    const chooser = strategy.begin(seededRandom(seed).fork(ownFork).fork("schedule"))
    return simulateBy(chooser, chooser.name ?? strategy.name, seed, main, options)
  }
  const script = new Script(decisions)
  const result = await simulateBy(script, "replay", seed, main, options)
  return { ...result, applied: script.applied }
}

/** Whoever tells of something without end has it watched, too. */
const usesPerEvent = 10

/** A name that a scenario is not likely to give to a fork of its own. */
const ownFork = "simulation"

/** What decides in a run: on the order, and where it has `fault`, on faults; else chance does. */
export interface Decider extends Chooser, Partial<FaultDecider> {
  /** Told of what a step touches, see `Pace.touched`, and of every life for which it schedules or calls off. */
  touched?(object: string, changes?: boolean): void
}

/** Runs a scenario by a decider. Options as for {@link simulate}, checked by the caller. */
export async function simulateBy(
  decider: Decider,
  strategy: string,
  seed: string | number,
  main: (world: World) => Promise<void>,
  options: SimulationOptions,
): Promise<SimulationResult> {
  const log = new DecisionLog()
  const source = seededRandom(seed)
  const touched = decider.touched?.bind(decider)
  const random = touched === undefined ? source : watched(source, () => touched("world.random"))
  const own = source.fork(ownFork)
  const latency = latencies(options.latencyMs ?? [0, 3], decider, own.fork("latency"), log)
  const script = decider.fault === undefined ? undefined : (decider as FaultDecider)
  const budget = new StepBudget((error) => failed(error))
  const scheduler: Scheduler = new Scheduler({
    chooser: decider,
    maxSteps: options.maxSteps ?? 1_000_000,
    maxVirtualMs: options.maxVirtualMs ?? 3_600_000,
    released: (label, life) => {
      bears(life)
      budget.begin(label.text)
      trace.decided(label.text)
    },
    held: (step, until) => log.held(step, until),
    strike: (step, life) => world.strike(step, life),
    touched: touched && ((life) => touched(life.id)),
    waiting: () => waitingText(world.waiting()),
  })
  const now = (uses?: number) => {
    budget.use(uses)
    return scheduler.now
  }
  const trace = new TraceRecorder(
    () => now(usesPerEvent),
    () => scheduler.steps,
    options.onLine,
  )
  if (options.onEvent !== undefined) trace.subscribe(options.onEvent)
  const stray = new StrayUses()
  const insides = insidesOf(options.globals ?? "real", own.fork("globals"), stray)
  const pace: Pace = {
    now: () => epoch + now(),
    schedule: (label, life, delay, run, nth) => {
      budget.use()
      return scheduler.add(label, life, delay, insides.on(life, pace, run), nth)
    },
    latency,
    paused: (life) => scheduler.paused(life),
    ...(touched && { touched }),
    standStill: (until) => scheduler.standStill(until),
  }

  let outcome: SimulationResult["outcome"] | undefined
  const settle = (result: SimulationResult["outcome"]) => void (outcome ??= result)
  const failed = (error: unknown) => settle({ kind: "failed", error })
  const world = new PacedWorld({ kind: "simulated", pace, random, trace, failed, log, script })
  for (const plan of options.faults ?? []) world.fault(plan)

  const uncaughtEnds = catchUncaught()
  // The scheduler's first turn is asked for before the scenario can ask for one, so that it sees a scenario that does.
  const { stopWhen = () => false } = options
  const scheduled = scheduler.run(() => {
    if (stopWhen()) settle({ kind: "ok" })
    return outcome !== undefined
  })
  const running = insides.on(world.life, pace, async () => main(world))
  running().then(() => settle({ kind: "ok" }), failed)
  await scheduled.catch((error: unknown) => {
    // What stopped the scheduler outweighs what the scenario came to.
    outcome = { kind: "failed", error }
  })
  const { decisions } = log
  world.end()
  insides.end()
  uncaughtEnds()

  return {
    seed,
    strategy,
    steps: scheduler.steps,
    virtualMs: scheduler.now,
    traceHash: trace.hash(),
    faults: world.faults.counts,
    outcome: outcome!,
    decisions,
    applied: decisions,
    stray: stray.all,
  }
}

interface Insides {
  /** The same function, on behalf of a life. */
  on<A extends unknown[], R>(life: Life, pace: Pace, run: (...args: A) => R): (...args: A) => R
  end(): void
}

/** Lets code know on whose behalf it runs, where globals are of interest. */
function insidesOf(kind: "real" | Globals["kind"], random: SeededRandom, stray: StrayUses): Insides {
  if (kind === "real") return { on: (_life, _pace, run) => run, end: () => undefined }
  const globals: Globals = { kind, began: epoch, used: (what) => stray.note(what) }
  const known = new WeakMap<Life, Inside>()
  const insideOf = (life: Life, pace: Pace): Inside => {
    const here = known.get(life) ?? { life, clock: clockOf(life, pace), random: random.fork(life.id), pace, globals }
    known.set(life, here)
    return here
  }
  return {
    on:
      (life, pace, run) =>
      (...args) =>
        inside.run(insideOf(life, pace), run, ...args),
    end: openDoors(),
  }
}

/** How long each request and reply is under way: as the strategy or earlier decisions have it, else drawn. */
function latencies(range: readonly [number, number], chooser: Chooser, random: SeededRandom, log: DecisionLog) {
  const [min, max] = range
  return (step: StepId): number => {
    const ms = chooser.latencyMs?.(step, range) ?? (chooser instanceof Script ? min : random.integer(min, max))
    if (ms !== min) log.latency(step, ms)
    return ms
  }
}

const entries = {
  strategy: optional(has("begin")),
  decisions: optional(v.custom<readonly Decision[]>(Array.isArray, "a list of decisions")),
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
  onLine: optional(fn),
  globals: optional(v.picklist(["real", "watched", "virtual"], `"real", "watched" or "virtual"`)),
  stopWhen: optional(fn),
}

function check(seed: unknown, main: unknown, options: SimulationOptions): void {
  if (typeof seed !== "string" && !Number.isFinite(seed))
    throw new InvalidOptionError("simulate", "seed", seed, "a string or a finite number")
  if (typeof main !== "function") throw new InvalidOptionError("simulate", "main", main, "an async function")
  checkOptions("simulate", entries, options)
  if (options.decisions !== undefined && options.strategy !== undefined)
    throw new InvalidOptionError("simulate", "strategy", options.strategy, "none where decisions are given")
}
