import type { Clock } from "../engine/clock.js"
import { systemClock } from "../engine/clock.js"
import { InvalidOptionError } from "../engine/options.js"
import { type Census, everySchedule, type ExploreOptions } from "../sim/explore.js"
import type { SimulationResult } from "../sim/simulate.js"
import type { World } from "../sim/world.js"
import type { Case } from "./case.js"
import { Exercise } from "./exercise.js"
import type { EngineUnderTest } from "./engine-under-test.js"
import { properties as firstSet } from "./invariants.js"
import type { Property } from "./monitor.js"
import { playOf } from "./play.js"
import { referenceEngine } from "./reference-engine.js"
import { runReport } from "./run-report.js"
import type { Scenario, StoreKind } from "./scenario.js"
import { failureOf, type Run, type RunUnderTest, setupUnderTest, stagehand, watchOf } from "./simulated-run.js"
import { type ShrinkBudget, smallestCase } from "./smallest-case.js"
import type { Observation, Watch } from "./watch.js"

export interface ExhaustOptions extends Pick<
  ExploreOptions,
  "reduction" | "granularity" | "maxFaults" | "faultMs" | "maxRuns" | "maxMs" | "maxSteps" | "signal" | "onProgress"
> {
  /** What the scenario's setup and the processes' own draws come from. Default: 0. */
  readonly seed?: number | string
  /** Which store the scenario is run on. Default: the scenario's own, or Message DB where it runs on any. */
  readonly on?: StoreKind
  /** What is under test. Parts that are left out are those of this package. */
  readonly engine?: Partial<EngineUnderTest>
  /** What is watched for. Default: all properties of this package. */
  readonly properties?: readonly Property[]
  /** The first violation of each property is made smaller, for at most so many milliseconds and runs. Default: none is. */
  readonly shrink?: ShrinkBudget
  /** Measures how long it takes. Default: the machine's clock. */
  readonly clock?: Clock
}

export interface ExhaustViolation {
  /** Its id, or `run` when the run itself failed: a deadlock, a limit, an error of the scenario. */
  readonly property: string
  /** Of the first schedule that showed it. */
  readonly message: string
  /** How many schedules showed it. */
  readonly schedules: number
  /** The first schedule that showed it; where it was made smaller, the smallest found. */
  readonly case: Case
}

export interface Exhaustion extends Census {
  readonly scenario: string
  readonly on: StoreKind
  readonly seed: number | string
  readonly wallMs: number
  /** How many of the schedules showed a violation. */
  readonly failed: number
  /** By id: how often each property was put to the test. */
  readonly checked: Readonly<Record<string, number>>
  /** What the schedules could exercise, and how often they did, by name. */
  readonly exercised: Readonly<Record<string, number>>
  /** One for each property that some schedule violated, in the order in which they were found. */
  readonly violations: readonly ExhaustViolation[]
}

/**
 * Runs a scenario in every possible order, and with every fault that its plans allow, on the fake, and watches each run
 * for the properties: what it finds is all there is, if it says that it has seen all. Its setup is drawn from the seed
 * once. See {@link explore} for what is and what is not a choice; only faults in force count, whatever their rate. One
 * fault per run is tried unless `maxFaults` says otherwise, and a crashed process is started again after `faultMs`
 * milliseconds, by default 1.
 *
 * @throws InvalidOptionError
 * @throws StoreUnavailableError when what the fake needs is not installed
 */
export async function exhaust(scenario: Scenario, options: ExhaustOptions = {}): Promise<Exhaustion> {
  const { seed = 0, clock = systemClock, shrink } = options
  if (typeof seed !== "string" && !Number.isFinite(seed))
    throw new InvalidOptionError("exhaust", "seed", seed, "a string or a finite number")
  const play = playOf("exhaust", scenario, options.on)
  const engine = { ...referenceEngine, ...options.engine }
  const under: RunUnderTest = { play, seed, engine, properties: options.properties ?? firstSet }
  const began = clock.now()
  const findings = new Findings(under)
  const watched = await findings.watching()
  const exploration = { ...options, seed, clock, faultMs: options.faultMs ?? 1 }
  const census = await everySchedule(watched, exploration, (run) => findings.add(run))
  const violations: ExhaustViolation[] = []
  for (const found of findings.violations) violations.push(await toldOf(under, found, shrink, clock))
  return {
    scenario: scenario.name,
    on: play.on,
    seed,
    ...census,
    failed: findings.failed,
    checked: Object.fromEntries(findings.checked),
    exercised: Object.fromEntries(findings.exercised),
    violations,
    wallMs: clock.now() - began,
  }
}

interface Found {
  readonly observation: Observation
  readonly run: Run
  schedules: number
}

/** Adds up what the schedules came to. */
class Findings {
  readonly checked = new Map<string, number>()
  readonly exercised = new Map<string, number>()
  failed = 0
  readonly #under: RunUnderTest
  readonly #found = new Map<string, Found>()
  #watch: Watch
  #exercise: Exercise

  constructor(under: RunUnderTest) {
    this.#under = under
    this.#watch = watchOf(under)
    this.#exercise = new Exercise(under.play.on)
  }

  get violations(): readonly Found[] {
    return [...this.#found.values()]
  }

  /** The scenario, each run of it under watch. @throws StoreUnavailableError */
  async watching(): Promise<(world: World) => Promise<void>> {
    const run = await stagehand(this.#under)
    return (world) => {
      const watch = (this.#watch = watchOf(this.#under))
      const exercise = (this.#exercise = new Exercise(this.#under.play.on))
      world.trace.subscribe((event) => {
        watch.observe(event)
        exercise.observe(event)
      })
      return run(world)
    }
  }

  add(run: SimulationResult): void {
    this.#watch.end()
    const exercised = Object.fromEntries(this.#exercise.counts)
    const watched: Run = { ...run, exercised, failure: failureOf(run), watch: this.#watch }
    const { checked, violations } = runReport(0, this.#under.seed, watched)
    for (const [id, n] of Object.entries(checked)) increase(this.checked, id, n)
    for (const [name, n] of Object.entries(exercised)) increase(this.exercised, name, n)
    if (violations.length > 0) this.failed++
    for (const observation of violations) {
      const found = this.#found.get(observation.property) ?? { observation, run: watched, schedules: 0 }
      found.schedules++
      this.#found.set(observation.property, found)
    }
  }
}

function increase(counts: Map<string, number>, key: string, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n)
}

async function toldOf(
  under: RunUnderTest,
  { observation, run, schedules }: Found,
  budget: ShrinkBudget | undefined,
  clock: Clock,
): Promise<ExhaustViolation> {
  const { property, message } = observation
  const asFound: Case = {
    scenario: under.play.scenario.name,
    on: under.play.on,
    seed: under.seed,
    setup: setupUnderTest(under),
    decisions: run.decisions ?? [],
    violation: observation,
  }
  if (budget === undefined) return { property, message, schedules, case: asFound }
  const smallest = await smallestCase(under, run, observation, budget, clock)
  return { property, message, schedules, case: smallest ?? asFound }
}
