import { type Play, playOf } from "../properties/play.js"
import { type Scenario, type StoreKind, storeKinds, storesOf } from "../properties/scenario.js"
import { type Shard, whole } from "../properties/shard.js"
import { parseDuration } from "./duration.js"
import { similarNames } from "./similar-names.js"
import { strategyNamed, usualStrategy } from "./strategy-option.js"
import { UsageError, wrongValue } from "./usage-error.js"

export const storeNames = ["fake", "embedded", "containers"] as const
export type StoreName = (typeof storeNames)[number]

/** How long each scenario goes on: a number of runs, or a share of the time that all of them have. */
export type Effort = { readonly runs: number } | { readonly timeMs: number }

export interface RunOptions {
  /** What is run, in this order: each scenario on each store that is asked for and that it runs on. */
  readonly plan: readonly Play[]
  readonly store: StoreName
  readonly effort: Effort
  readonly seed: number
  /** Who goes next on the fake, by its name on the command line. */
  readonly strategy: string
  /** Which of the runs. */
  readonly shard: Shard
  /** How many threads make the runs. */
  readonly workers: number
  /** Module of the engine under test; undefined for this package's. */
  readonly engine?: string | undefined
  readonly json: boolean
  /** File to which the trace of the one run is recorded. */
  readonly trace?: string | undefined
  /** Where failures that were found on the fake are kept, and read from to be run first. */
  readonly cases: string
}

/** The options as they stand on the command line. */
export interface RawRunOptions {
  readonly runs?: string
  readonly time?: string
  readonly seed?: string
  readonly strategy?: string
  readonly shard?: string
  readonly workers?: string
  readonly store: string
  readonly on?: string
  readonly engine?: string
  readonly json?: boolean
  readonly trace?: string
  readonly cases: string
}

const largestSeed = Number.MAX_SAFE_INTEGER

/**
 * @param freshSeed Draws the seed of a command that names none.
 * @param cores How many threads can run at the same time here.
 * @throws UsageError for the first thing that cannot be worked with.
 */
export function runOptions(
  names: readonly string[],
  raw: RawRunOptions,
  known: readonly Scenario[],
  freshSeed: () => number,
  cores: number,
): RunOptions {
  const store = parseStore(raw.store)
  const on = raw.on === undefined ? undefined : parseKind(raw.on)
  const scenarios = names.length === 0 ? known : [...new Set(names)].map((name) => findScenario(name, known))
  if (names.length > 0 && on !== undefined) for (const scenario of scenarios) mustRunOn(scenario, on)
  const effort = parseEffort(raw, store)
  const plan = scenarios.flatMap((scenario) => playsOf(scenario, on))
  const workers = parseWorkers(raw.workers, store, cores)
  if (raw.trace !== undefined) mustBeOneRun(plan, effort, workers)
  return {
    plan,
    store,
    effort,
    seed: raw.seed === undefined ? freshSeed() : parseInteger("--seed", raw.seed, 0, largestSeed),
    strategy: parseStrategy(raw.strategy, store),
    shard: parseShard(raw, effort),
    workers,
    engine: raw.engine,
    json: raw.json ?? false,
    trace: raw.trace,
    cases: raw.cases,
  }
}

function parseStore(text: string): StoreName {
  const store = storeNames.find((known) => known === text)
  if (store !== undefined) return store
  throw wrongValue("--store", text, `"fake", "embedded" or "containers"`)
}

function parseKind(text: string): StoreKind {
  const kind = storeKinds.find((known) => known === text)
  if (kind !== undefined) return kind
  throw wrongValue("--on", text, storeKinds.map((known) => JSON.stringify(known)).join(" or "))
}

function mustRunOn(scenario: Scenario, on: StoreKind): void {
  if (storesOf(scenario).includes(on)) return
  throw new UsageError(`scenario ${scenario.name} does not run on ${on}, only on ${storesOf(scenario).join(", ")}`)
}

const playsOf = (scenario: Scenario, on: StoreKind | undefined): readonly Play[] =>
  storesOf(scenario)
    .filter((store) => on === undefined || store === on)
    .map((store) => playOf("windtunnel run", scenario, store))

/** A trace is that of one run. */
function mustBeOneRun(plan: readonly Play[], effort: Effort, workers: number): void {
  if (plan.length > 1) {
    const plays = plan.slice(0, 3).map(({ scenario, on }) => `${scenario.name} on ${on}`)
    const more = plan.length > 3 ? `, … ${plan.length} in all` : ""
    throw new UsageError(`--trace records one run: name one scenario and --on, received ${plays.join(", ")}${more}`)
  }
  if (!("runs" in effort) || effort.runs !== 1) throw new UsageError("--trace records one run: it needs --runs 1")
  if (workers > 1) throw new UsageError("--trace records one run: more than one of --workers have nothing to do")
}

function parseEffort({ runs, time }: RawRunOptions, store: StoreName): Effort {
  if (runs !== undefined && time !== undefined)
    throw new UsageError("--runs and --time exclude each other: both say how long to go on")
  if (runs !== undefined) return { runs: parseInteger("--runs", runs, 1, 1_000_000_000) }
  if (time !== undefined) return { timeMs: parseDuration("--time", time) }
  // A run on a real store takes as long as it takes; one of each scenario is what somebody waits for.
  return store === "fake" ? { timeMs: 10_000 } : { runs: 1 }
}

function parseStrategy(text: string | undefined, store: StoreName): string {
  if (text !== undefined) strategyNamed(text)
  if (text !== undefined && store !== "fake")
    throw new UsageError("--strategy is for --store fake: in real time the machine says who goes next")
  return text ?? usualStrategy
}

function parseShard({ shard: text, seed }: RawRunOptions, effort: Effort): Shard {
  if (text === undefined) return whole
  const [, nth, of] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number)
  if (nth === undefined || of === undefined || nth < 1 || nth > of)
    throw wrongValue("--shard", text, "i/n with i from 1 to n, such as 2/3")
  if (seed === undefined) throw new UsageError("--shard needs --seed, the same for all shards: they divide its runs")
  if ("runs" in effort && effort.runs < of)
    throw new UsageError(`--shard ${text} divides --runs ${effort.runs} into more parts than there are runs`)
  return { nth, of }
}

function parseWorkers(text: string | undefined, store: StoreName, cores: number): number {
  if (text === undefined) return 1
  const most = cores * 4
  const workers = Number(text)
  if (!/^\d+$/.test(text) || workers < 1 || workers > most)
    throw wrongValue("--workers", text, `an integer from 1 to ${most}, four times the cores here`)
  if (workers > 1 && store !== "fake")
    throw new UsageError("--workers is for --store fake: in real time the runs would get into each other's way")
  return workers
}

export function parseInteger(option: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw wrongValue(option, text, `an integer from ${least} to ${most}`)
}

/** @throws UsageError */
export function findScenario(name: string, known: readonly Scenario[]): Scenario {
  const scenario = known.find((candidate) => candidate.name === name)
  if (scenario) return scenario
  const similar = similarNames(
    name,
    known.map((candidate) => candidate.name),
  )
  const hint = similar.length > 0 ? ` Did you mean ${similar.join(" or ")}?` : ""
  throw new UsageError(`there is no scenario ${JSON.stringify(name)}.${hint} "windtunnel list" shows all of them.`)
}
