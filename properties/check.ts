import * as v from "valibot"
import type { Clock } from "../engine/clock.js"
import { systemClock } from "../engine/clock.js"
import { checkOptions, fn, has, integer, InvalidOptionError, milliseconds, optional } from "../engine/options.js"
import { type Assumption, assumptions } from "./assumption.js"
import { type CheckResult, checkResult } from "./check-result.js"
import { properties as firstSet } from "./invariants.js"
import type { Property } from "./monitor.js"
import { referenceEngine } from "./reference-engine.js"
import type { EngineUnderTest } from "./engine-under-test.js"
import { type Play, playOf } from "./play.js"
import type { Scenario, StoreKind } from "./scenario.js"
import { liveRun } from "./live-run.js"
import type { LiveDynamoDb, LiveStore } from "./live-store.js"
import { type RunReport, runReport } from "./run-report.js"
import { brokenIn, type RunUnderTest, simulatedRun } from "./simulated-run.js"
import { seedOfRun } from "./seeds.js"
import { indeterminacy } from "./indeterminacy.js"
import { type Shard, validShard, whole } from "./shard.js"
import { type ShrinkBudget, smallestCase } from "./smallest-case.js"
import { type Tally, tallyOf, TallySum } from "./tally.js"
import { demandsOf } from "./vacuity.js"
import type { Violation } from "./violation.js"
import { weakenedBy } from "./watch.js"
import { portfolio } from "../sim/strategies/portfolio.js"
import type { Strategy } from "../sim/strategy.js"
import type { TraceEvent } from "../sim/trace.js"

export interface CheckOptions {
  /** How many runs: an integer of at least 1. Default: 1, or as many as `timeMs` allows. */
  readonly runs?: number
  /** No run is begun when this many milliseconds have passed; at least one is. */
  readonly timeMs?: number
  /** From which each run's own seed is drawn; the first run has this one itself. */
  readonly seed: number | string
  /** `"fake"`: simulated on the fake of the store. Otherwise in real time on a real one. */
  readonly store: "fake" | LiveStore
  /**
   * Which store the scenario is run on. Default: that of a live store; on the fake the scenario's own, which for a
   * scenario on any store is Message DB.
   */
  readonly on?: StoreKind
  /** What is under test. Parts that are left out are those of this package. */
  readonly engine?: Partial<EngineUnderTest>
  /** What is watched for. Default: all properties of this package. */
  readonly properties?: readonly Property[]
  /** Assumptions that do not hold, besides those that the scenario breaks by itself. Default: none. */
  readonly without?: readonly Assumption[]
  /**
   * Only these of the runs, each with the seed that it has among all of them. `mergeResults` puts the results of all
   * shards together. Default: all runs.
   */
  readonly shard?: Shard
  /** Who goes next, on the fake. Default: {@link portfolio}. */
  readonly strategy?: Strategy
  /**
   * After the runs, the first violation of each property on the fake is made smaller, for at most so many milliseconds
   * and runs. Default: none is.
   */
  readonly shrink?: ShrinkBudget
  /** Gets every event of every run as it happens; not of those that only repeat another one. */
  readonly onEvent?: (event: TraceEvent) => void
  /** Called after every run. */
  readonly onProgress?: (progress: CheckProgress) => void
  /** Aborted: no further run is begun, and no failure made smaller than it is. */
  readonly signal?: AbortSignal
  /** Measures how long it takes. Default: the machine's clock. */
  readonly clock?: Clock
}

export interface CheckProgress {
  readonly runs: number
  readonly steps: number
  /** Of all kinds. */
  readonly faults: number
  readonly wallMs: number
  /** Until `timeMs`; absent when the runs are counted. */
  readonly leftMs?: number
}

const names = Object.keys(assumptions) as Assumption[]

const accepted = {
  runs: optional(integer(1)),
  timeMs: optional(milliseconds),
  without: optional(v.array(v.picklist(names, `one of ${names.join(", ")}`), `an array of ${names.join(", ")}`)),
  shard: optional(validShard),
  strategy: optional(has("begin")),
  shrink: optional(v.object({ timeMs: milliseconds, runs: integer(1) }, "an object { timeMs, runs }")),
  onEvent: optional(fn),
  onProgress: optional(fn),
  clock: optional(has("now", "sleep", "turn")),
}

/**
 * Runs a scenario again and again, each time with another seed, and watches its trace for the properties.
 * @throws InvalidOptionError
 * @throws StoreUnavailableError when a live store cannot be reached, or what the fake needs is not installed
 */
export async function check(scenario: Scenario, options: CheckOptions): Promise<CheckResult> {
  const inquiry = inquiryOf(scenario, options)
  return checkedBy(inquiry, (report) => makeRunsOf(inquiry, report))
}

/** As {@link check}, of runs that are made elsewhere, such as by worker threads that {@link makeRuns}. */
export function checkElsewhere(scenario: Scenario, options: CheckOptions, make: MakeRuns): Promise<CheckResult> {
  return checkedBy(inquiryOf(scenario, options), make)
}

/** Makes the runs of a check and nothing else: what they came to is added up elsewhere. */
export function makeRuns(scenario: Scenario, options: CheckOptions, report: Report): Promise<void> {
  return makeRunsOf(inquiryOf(scenario, options), report)
}

type Report = (report: RunReport) => void
/** Settles when all runs have been made and reported, in any order. */
export type MakeRuns = (report: Report) => Promise<void>

/** A check with all that it is about: nothing is left to default. */
interface Inquiry extends Omit<CheckOptions, "on"> {
  readonly play: Play
  readonly sometimes: Readonly<Record<string, number>>
  readonly engine: EngineUnderTest
  readonly properties: readonly Property[]
  readonly without: readonly Assumption[]
  readonly shard: Shard
  readonly strategy: Strategy
  readonly clock: Clock
}

/** @throws InvalidOptionError */
function inquiryOf(scenario: Scenario, options: CheckOptions): Inquiry {
  checkOptions("check", accepted, options)
  if (typeof options.seed !== "string" && !Number.isFinite(options.seed))
    throw new InvalidOptionError("check", "seed", options.seed, "a string or a finite number")
  if (options.store !== "fake" && (typeof options.store !== "object" || !isLiveStore(options.store)))
    throw new InvalidOptionError("check", "store", options.store, `"fake" or a live store`)
  const {
    shard = whole,
    properties = firstSet,
    without = [],
    strategy = portfolio,
    clock = systemClock,
    store,
  } = options
  const kind = store === "fake" ? undefined : (store.kind ?? "message-db")
  const play = playOf("check", scenario, options.on ?? kind)
  if (kind !== undefined && kind !== play.on)
    throw new InvalidOptionError("check", "on", play.on, `${JSON.stringify(kind)}, which the store is`)
  const engine = { ...referenceEngine, ...options.engine }
  // How often things happen by chance is known of the simulation only.
  const sometimes = demandsOf(scenario.name, store === "fake" ? (scenario.sometimes ?? {}) : {}, play.on)
  return { ...options, play, sometimes, engine, properties, without, shard, strategy, clock }
}

const isLiveStore = (store: object): boolean =>
  (store as Partial<LiveDynamoDb>).kind === "dynamo-store" ? "config" in store : "fresh" in store

/** Adds up the runs that are made, wherever that is, and makes the first failures smaller. */
async function checkedBy(inquiry: Inquiry, make: MakeRuns): Promise<CheckResult> {
  const { play, store, strategy, seed, timeMs, onProgress, clock } = inquiry
  const began = clock.now()
  const sum = new TallySum()
  await make((report) => {
    sum.add(tallyOf(report))
    const { runs, steps, faults } = sum
    const wallMs = clock.now() - began
    const left = timeMs === undefined ? {} : { leftMs: Math.max(0, timeMs - wallMs) }
    onProgress?.({ runs, steps, faults, wallMs, ...left })
  })
  const wallMs = clock.now() - began
  const about = {
    scenario: play.scenario.name,
    on: play.on,
    store: store === "fake" ? "fake" : store.name,
    strategy: store === "fake" ? strategy.name : "real time",
    seed,
    shard: inquiry.shard,
    wallMs,
    sometimes: inquiry.sometimes,
  }
  const weakened = weakenedBy(inquiry.properties, brokenIn(inquiry))
  const asked = inquiry.properties.map(({ id }) => ({ id, weakened: weakened.get(id) }))
  return checkResult(about, await withCases(inquiry, sum.total), asked)
}

/** Makes the runs of a shard here, one after the other. */
async function makeRunsOf(inquiry: Inquiry, report: Report): Promise<void> {
  const { runs, timeMs, shard, clock, signal } = inquiry
  const most = runs ?? (timeMs === undefined ? 1 : Infinity)
  const began = clock.now()
  for (let run = shard.nth - 1; run < most && signal?.aborted !== true; run += shard.of) {
    if (timeMs !== undefined && run >= shard.of && clock.now() - began >= timeMs) return
    report(await makeRun(inquiry, run))
  }
}

/** One in so many runs is run twice, besides those that fail. */
const sampled = 50

async function makeRun(inquiry: Inquiry, n: number): Promise<RunReport> {
  const { store, strategy, clock, onEvent } = inquiry
  const under = runUnderTest(inquiry, seedOfRun(inquiry.seed, n))
  const heard = onEvent === undefined ? {} : { onEvent }
  if (store !== "fake") return runReport(n, under.seed, await liveRun(under, store, clock, heard))
  const run = await simulatedRun(under, { strategy, ...heard })
  const report = runReport(n, under.seed, run)
  if (n % sampled !== 0 && report.violations.length === 0) return report
  return runReport(n, under.seed, run, await indeterminacy(under, run, strategy))
}

const runUnderTest = ({ play, engine, properties, without }: Inquiry, seed: number | string): RunUnderTest => ({
  play,
  seed,
  engine,
  properties,
  without,
})

/** With the smallest case for the first violation of each property, where it is to be found. */
async function withCases(inquiry: Inquiry, tally: Tally): Promise<Tally> {
  if (inquiry.shrink === undefined || inquiry.store !== "fake") return tally
  const known = new Set<string>()
  const violations: Violation[] = []
  for (const violation of tally.violations) {
    violations.push(known.has(violation.property) ? violation : await withCase(inquiry, inquiry.shrink, violation))
    known.add(violation.property)
  }
  return { ...tally, violations }
}

async function withCase(inquiry: Inquiry, shrink: ShrinkBudget, violation: Violation): Promise<Violation> {
  const { strategy, signal, clock } = inquiry
  const under = runUnderTest(inquiry, violation.seed)
  const budget = signal?.aborted === true ? { timeMs: 0, runs: 1 } : shrink
  const found = await smallestCase(under, await simulatedRun(under, { strategy }), violation, budget, clock)
  return found === undefined ? violation : { ...violation, case: found }
}
