import { createHash } from "node:crypto"
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
import { type Run, simulatedRun } from "./simulated-run.js"
import { seedOfRun } from "./seeds.js"

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
  const began = clock.now()
  const tally = new Tally(play, options.seed, store === "fake" ? "fake" : store.name, properties)
  const more = budget(options, () => clock.now() - began)
  while (more(tally.runs) && signal?.aborted !== true) {
    const seed = seedOfRun(options.seed, tally.runs)
    const under = { play, seed, engine, properties }
    tally.add(seed, store === "fake" ? await simulatedRun(under) : await liveRun(under, store, clock))
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

/** Adds up what the runs of a check came to. */
class Tally {
  runs = 0
  #steps = 0
  #virtualMs = 0
  #strategy = "none"
  readonly #hash = createHash("sha256")
  readonly #faults = new Map<string, number>()
  readonly #checked = new Map<string, number>()
  readonly #violations: Violation[] = []

  readonly #play: Play
  readonly #seed: number | string
  readonly #store: string
  readonly #properties: readonly Property[]

  constructor(play: Play, seed: number | string, store: string, properties: readonly Property[]) {
    this.#play = play
    this.#seed = seed
    this.#store = store
    this.#properties = properties
  }

  add(seed: number | string, run: Run): void {
    this.runs++
    this.#steps += run.steps
    this.#virtualMs += run.virtualMs
    this.#strategy = run.strategy
    this.#hash.update(run.traceHash)
    for (const [kind, n] of Object.entries(run.faults)) increase(this.#faults, kind, n)
    for (const [id, n] of run.watch.checked) increase(this.#checked, id, n)
    for (const violation of run.watch.violations) this.#violations.push({ ...violation, seed })
    if (run.failure !== undefined) this.#violations.push({ property: "run", seed, message: run.failure })
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

function increase(counts: Map<string, number>, key: string, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n)
}
