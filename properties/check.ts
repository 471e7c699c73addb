import { createHash } from "node:crypto"
import * as v from "valibot"
import type { Clock } from "../engine/clock.js"
import { systemClock } from "../engine/clock.js"
import { checkOptions, fn, has, integer, InvalidOptionError, milliseconds, optional } from "../engine/options.js"
import { properties as firstSet } from "./first-set.js"
import type { Property } from "./monitor.js"
import { referenceEngine } from "./reference-engine.js"
import type { EngineUnderTest } from "./engine-under-test.js"
import { type Play, playOf } from "./play.js"
import type { Scenario, StoreKind } from "./scenario.js"
import { liveRun } from "./live-run.js"
import type { LiveDynamoDb, LiveStore } from "./live-store.js"
import { type Run, type RunUnderTest, simulatedRun } from "./simulated-run.js"
import { seedOfRun } from "./seeds.js"
import { indeterminacy } from "./indeterminacy.js"
import { type ShrinkBudget, smallestCase } from "./smallest-case.js"
import type { Case } from "./case.js"
import type { Observation } from "./watch.js"
import { portfolio } from "../sim/strategies/portfolio.js"
import type { Strategy } from "../sim/strategy.js"

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
  /** Who goes next, on the fake. Default: {@link portfolio}. */
  readonly strategy?: Strategy
  /**
   * The first violation of each property on the fake is made smaller, for at most so many milliseconds and runs. Default:
   * none is.
   */
  readonly shrink?: ShrinkBudget
  /** Called after every run. */
  readonly onProgress?: (progress: CheckProgress) => void
  /** Aborted: no further run is begun. */
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

export interface Violation {
  /** Its id, or `run` when the run itself failed: a deadlock, a limit, an error of the scenario. */
  readonly property: string
  /** Of the run that showed it: a check with this seed and one run shows it again. */
  readonly seed: number | string
  readonly message: string
  /** The smallest case that was found to show it, where one was looked for. */
  readonly case?: Case
}

export interface CheckResult {
  /** Name of the scenario. */
  readonly scenario: string
  /** The store that it ran on. */
  readonly on: StoreKind
  /** `fake`, or the live store's name. */
  readonly store: string
  /** How the next step was chosen; `real time` on a real store. */
  readonly strategy: string
  readonly seed: number | string
  readonly runs: number
  /** Steps of the simulation; on a real store, events of the trace. */
  readonly steps: number
  readonly virtualMs: number
  readonly wallMs: number
  /** Digest of all runs' histories: equal for equal histories. */
  readonly traceHash: string
  /** How many faults were injected, by kind. */
  readonly faults: Readonly<Record<string, number>>
  /** By id: whether it held, and how often it was put to the test. */
  readonly properties: Readonly<Record<string, { readonly held: boolean; readonly checked: number }>>
  /** Of each run the first violation of each property. */
  readonly violations: readonly Violation[]
}

const accepted = {
  runs: optional(integer(1)),
  timeMs: optional(milliseconds),
  strategy: optional(has("begin")),
  shrink: optional(v.object({ timeMs: milliseconds, runs: integer(1) }, "an object { timeMs, runs }")),
  onProgress: optional(fn),
  clock: optional(has("now", "sleep", "turn")),
}

/**
 * Runs a scenario again and again, each time with another seed, and watches its trace for the properties.
 * @throws InvalidOptionError
 * @throws StoreUnavailableError when a live store cannot be reached, or what the fake needs is not installed
 */
export async function check(scenario: Scenario, options: CheckOptions): Promise<CheckResult> {
  checkOptions("check", accepted, options)
  if (typeof options.seed !== "string" && !Number.isFinite(options.seed))
    throw new InvalidOptionError("check", "seed", options.seed, "a string or a finite number")
  if (options.store !== "fake" && (typeof options.store !== "object" || !isLiveStore(options.store)))
    throw new InvalidOptionError("check", "store", options.store, `"fake" or a live store`)
  const { clock = systemClock, store, properties = firstSet, signal } = options
  const kind = store === "fake" ? undefined : (store.kind ?? "message-db")
  const play = playOf("check", scenario, options.on ?? kind)
  if (kind !== undefined && kind !== play.on)
    throw new InvalidOptionError("check", "on", play.on, `${JSON.stringify(kind)}, which the store is`)
  const engine = { ...referenceEngine, ...options.engine }
  const { strategy = portfolio } = options
  const began = clock.now()
  const tally = new Tally(play, options, properties)
  const more = budget(options, () => clock.now() - began)
  while (more(tally.runs) && signal?.aborted !== true) {
    const seed = seedOfRun(options.seed, tally.runs)
    const under = { play, seed, engine, properties }
    if (store === "fake") await tally.addSimulated(under, await simulatedRun(under, { strategy }), strategy, options)
    else tally.add(seed, await liveRun(under, store, clock))
    const wallMs = clock.now() - began
    const left = options.timeMs === undefined ? {} : { leftMs: Math.max(0, options.timeMs - wallMs) }
    options.onProgress?.({ ...tally.progress(wallMs), ...left })
  }
  return tally.result(clock.now() - began)
}

const isLiveStore = (store: object): boolean =>
  (store as Partial<LiveDynamoDb>).kind === "dynamo-store" ? "config" in store : "fresh" in store

/** Whether another run is to be begun. */
function budget({ runs, timeMs }: CheckOptions, elapsed: () => number): (done: number) => boolean {
  const most = runs ?? (timeMs === undefined ? 1 : Infinity)
  return (done) => done < most && (done === 0 || timeMs === undefined || elapsed() < timeMs)
}

/** One in so many runs is run twice, besides those that fail. */
const sampled = 50

/** Adds up what the runs of a check came to. */
class Tally {
  runs = 0
  #steps = 0
  #virtualMs = 0
  readonly #strategy: string
  readonly #hash = createHash("sha256")
  readonly #faults = new Map<string, number>()
  readonly #checked = new Map<string, number>()
  readonly #violations: Violation[] = []

  readonly #play: Play
  readonly #seed: number | string
  readonly #store: string
  readonly #properties: readonly Property[]

  constructor(play: Play, { seed, store, strategy = portfolio }: CheckOptions, properties: readonly Property[]) {
    this.#play = play
    this.#strategy = store === "fake" ? strategy.name : "real time"
    this.#seed = seed
    this.#store = store === "fake" ? "fake" : store.name
    this.#properties = properties
  }

  add(seed: number | string, run: Run): void {
    this.runs++
    this.#steps += run.steps
    this.#virtualMs += run.virtualMs
    this.#hash.update(run.traceHash)
    for (const [kind, n] of Object.entries(run.faults)) increase(this.#faults, kind, n)
    for (const [id, n] of run.watch.checked) increase(this.#checked, id, n)
    this.#violations.push(...observationsOf(run).map((violation) => ({ ...violation, seed })))
  }

  /** A simulated run can be made smaller, and must be one with every other run of its seed. */
  async addSimulated(under: RunUnderTest, run: Run, strategy: Strategy, options: CheckOptions): Promise<void> {
    const known = new Set(this.#violations.map(({ property }) => property))
    const first = this.#violations.length
    const isSampled = this.runs % sampled === 0
    this.add(under.seed, run)
    for (let n = first; n < this.#violations.length && options.shrink !== undefined; n++) {
      const violation = this.#violations[n]!
      if (known.has(violation.property)) continue
      const found = await smallestCase(under, run, violation, options.shrink, options.clock ?? systemClock)
      if (found !== undefined) this.#violations[n] = { ...violation, case: found }
    }
    if (!isSampled && this.#violations.length === first) return
    const message = await indeterminacy(under, run, strategy)
    if (message !== undefined) this.#violations.push({ property: "run", seed: under.seed, message })
  }

  progress(wallMs: number): CheckProgress {
    const faults = [...this.#faults.values()].reduce((sum, n) => sum + n, 0)
    return { runs: this.runs, steps: this.#steps, faults, wallMs }
  }

  result(wallMs: number): CheckResult {
    const violated = new Set(this.#violations.map(({ property }) => property))
    return {
      scenario: this.#play.scenario.name,
      on: this.#play.on,
      store: this.#store,
      strategy: this.#strategy,
      seed: this.#seed,
      runs: this.runs,
      steps: this.#steps,
      virtualMs: this.#virtualMs,
      wallMs,
      traceHash: this.#hash.copy().digest("hex"),
      faults: Object.fromEntries([...this.#faults].sort(([a], [b]) => (a < b ? -1 : 1))),
      properties: Object.fromEntries(
        this.#properties.map(({ id }) => [id, { held: !violated.has(id), checked: this.#checked.get(id) ?? 0 }]),
      ),
      violations: this.#violations,
    }
  }
}

/** What a run showed: violations, and that it failed, if it did. */
const observationsOf = ({ watch, failure }: Run): readonly Observation[] =>
  failure === undefined ? watch.violations : [...watch.violations, { property: "run", message: failure }]

function increase(counts: Map<string, number>, key: string, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n)
}
