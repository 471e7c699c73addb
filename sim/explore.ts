import { messageOf } from "../engine/error-message.js"
import { type Clock, systemClock } from "../engine/clock.js"
import * as v from "valibot"
import { checkOptions, flag, fn, has, InvalidOptionError, integer, milliseconds, optional } from "../engine/options.js"
import type { Decision } from "./decision.js"
import { ExplorationTree, NotRepeatableError, Redundant, requestsOf } from "./exploration-tree.js"
import type { FaultDecider } from "./fault-plan.js"
import { everything } from "./pace.js"
import { type Decider, simulateBy, type SimulationResult } from "./simulate.js"
import { type StepId, stepName } from "./step-id.js"
import type { ReadyStep, ReadySteps } from "./strategy.js"
import type { Phase } from "./step-label.js"
import type { TraceEvent } from "./trace.js"
import type { FaultKind, FaultPlan, World } from "./world.js"

export interface ExploreOptions {
  /** Seed of what processes draw; the order and the faults are not drawn. Default: 0. */
  readonly seed?: string | number
  /**
   * `sleepSets`: of runs that differ only in the order of steps that commute, one is run to its end. `none`: all are.
   * Default: `sleepSets`.
   */
  readonly reduction?: "sleepSets" | "none"
  /**
   * What may come between what. `steps`: any step between any two others. `calls`: a turn of a clock goes at once with the
   * step before it, so that nothing comes between them, no crash either; there are many fewer schedules then. Default:
   * `steps`.
   */
  readonly granularity?: "steps" | "calls"
  /**
   * True when what is judged depends on the order in which events of different processes came into the trace; then steps
   * that emit one do not commute. False when only each process's own events are judged. Default: true.
   */
  readonly traceOrder?: boolean
  /** What may go wrong where. Each chance, whatever its rate, is explored both ways. Default: nothing. */
  readonly faults?: readonly FaultPlan[]
  /** At most so many faults in one run. Default: 1. */
  readonly maxFaults?: number
  /** Milliseconds that faults with a duration last: the pause before a restart, a delay. Default: 0. */
  readonly faultMs?: number
  /** Ends the exploration after so many runs, cut ones included. Default: 100,000. */
  readonly maxRuns?: number
  /** Ends the exploration after so many milliseconds. Default: 60,000. */
  readonly maxMs?: number
  /** Aborted: ends the exploration after the present run. */
  readonly signal?: AbortSignal
  /** Called after every run. */
  readonly onProgress?: (progress: Census) => void
  /** Measures `maxMs`. Default: the machine's. */
  readonly clock?: Clock
  /** For each run, see `simulate`. Default: 10,000. */
  readonly maxSteps?: number
}

/** How many runs there were, and whether they are all that there are. */
export interface Census {
  /** `all`: every schedule was seen. Else the bound that ended the exploration, or `aborted`. */
  readonly seen: "all" | "maxRuns" | "maxMs" | "aborted"
  /**
   * How far it came, from 0 to 1, which is all: the part of the tree of runs that was walked, where what may go next at one
   * place counts alike. An estimate: subtrees differ in size.
   */
  readonly share: number
  /** Runs to the end, each by another schedule. */
  readonly schedules: number
  /** Runs that were broken off: they would have differed from one of the others in the order of commuting steps alone. */
  readonly cut: number
  /** Steps released in all runs together. */
  readonly steps: number
}

export interface Exploration extends Census {
  /** How many of the schedules failed. */
  readonly failed: number
  /** What they failed with, one entry per message, in the order in which they were found. */
  readonly violations: readonly Violation[]
}

export interface Violation {
  readonly message: string
  /** Of the first one. */
  readonly error: unknown
  /** Of the first one: `simulate` with these, the same seed, `latencyMs: [0, 0]` and the same faults gives it again. */
  readonly decisions: readonly Decision[]
  /** How many schedules failed with this message. */
  readonly schedules: number
}

/**
 * Runs a small deployment in every possible order, and with every possible fault of those that are allowed: what it finds
 * is all there is. Requests and replies take no time; of what is ready together any may go first, and timers fire in
 * their order. The number of schedules grows exponentially: some ten steps of two or three processes are fine.
 *
 * Two steps commute when they touch nothing in common that one of them changes. A step that runs code of an incarnation
 * touches all of that incarnation. A request touches its object alone, or the parts of it that the port names
 * (`PortOptions.touches`); ports of one name stand for one object. What else a step uses of the world is noticed: what it
 * schedules for others, trace events, draws from `world.random`, faults and crashes, the end of the run. What is shared
 * behind the world's back is not: a variable that two processes write, or that `main` writes when one of several `ended`
 * resolves, or an object that a process looks at past its port. Put such a thing behind a port.
 *
 * @throws InvalidOptionError; Error when the scenario is not repeatable
 */
export async function explore(
  main: (world: World) => Promise<void>,
  options: ExploreOptions = {},
): Promise<Exploration> {
  const findings = new Findings()
  const census = await everySchedule(main, options, (run) => findings.add(run))
  return { ...census, failed: findings.failed, violations: findings.violations }
}

/**
 * Runs each schedule, see {@link explore}.
 * @param seen Gets each run to the end.
 * @throws InvalidOptionError; Error when the scenario is not repeatable
 */
export async function everySchedule(
  main: (world: World) => Promise<void>,
  options: ExploreOptions,
  seen: (run: SimulationResult) => void,
): Promise<Census> {
  check(main, options)
  const { seed = 0, faults = [], maxSteps = 10_000, maxRuns = 100_000, maxMs = 60_000, clock = systemClock } = options
  const { faultMs = 0, granularity = "steps", traceOrder = true, reduction = "sleepSets", onProgress } = options
  const tree = new ExplorationTree(reduction === "sleepSets", options.maxFaults ?? 1)
  const began = clock.now()
  const count = { schedules: 0, cut: 0, steps: 0 }
  for (let runs = 1; ; runs++) {
    const explorer = new Explorer(tree, { faultMs, granularity, traceOrder })
    const onEvent = (event: TraceEvent) => explorer.emitted(event)
    const run = await simulateBy(explorer, "explore", seed, main, { faults, maxSteps, latencyMs: [0, 0], onEvent })
    count.steps += run.steps
    if (wasCut(run)) count.cut++
    else {
      count.schedules++
      seen(run)
    }
    if (!tree.backtrack()) return { seen: "all", share: 1, ...count }
    const share = tree.share()
    onProgress?.({ seen: "aborted", share, ...count })
    if (options.signal?.aborted === true) return { seen: "aborted", share, ...count }
    if (runs >= maxRuns) return { seen: "maxRuns", share, ...count }
    if (clock.now() - began >= maxMs) return { seen: "maxMs", share, ...count }
  }
}

/** @throws NotRepeatableError when that is what the run failed with */
function wasCut({ outcome }: SimulationResult): boolean {
  const error = outcome.kind === "ok" ? undefined : outcome.error
  if (error instanceof NotRepeatableError) throw error
  return error instanceof Redundant
}

type Manner = Required<Pick<ExploreOptions, "faultMs" | "granularity" | "traceOrder">>

/** One run: tells the tree what is ready and what was touched, and does as the tree says. */
class Explorer implements Decider {
  readonly #tree: ExplorationTree
  readonly #manner: Manner
  /** The choice was made already, and the step is about to be released. */
  #chosen = false
  /** What has struck at the present step. */
  readonly #struck = new Map<FaultKind, Fault>()
  readonly #plans = new Map<FaultPlan | undefined, number>()
  #life = ""
  /** The present step goes at once with the one before it. */
  #isAttached = false

  constructor(tree: ExplorationTree, manner: Manner) {
    this.#tree = tree
    this.#manner = manner
  }

  choose(ready: ReadySteps): number {
    const steps = Array.from({ length: ready.size }, (_, index) => ready.at(index))
    const attached = steps.findIndex((step) => this.#goesAtOnce(step))
    if (attached >= 0) return attached
    const names = steps.map(stepName)
    this.#chosen = true
    return names.indexOf(this.#tree.next(names))
  }

  released(step: ReadyStep): void {
    this.#isAttached = this.#goesAtOnce(step)
    if (!this.#chosen && !this.#isAttached) this.#tree.next([stepName(step)])
    this.#chosen = false
    this.#struck.clear()
    const { process, phase } = step.label
    this.#life = process
    if (!this.#isAttached) this.#tree.runsFor(process)
    if (process === "world") this.#tree.touched(everything)
    else if (phase === "request") this.#tree.touched(requestsOf(process), false)
    else this.#tree.touched(ofOneLife.has(phase) ? process : everything)
  }

  gone({ label: { process, phase } }: ReadyStep): void {
    if (phase === "request") this.#tree.touched(requestsOf(process))
  }

  fault(fault: FaultKind, step: StepId, plan?: FaultPlan): Fault | undefined {
    const known = this.#struck.get(fault)
    if (known !== undefined) return known
    if (this.#isAttached || !this.#strikes(fault, step, plan)) return undefined
    const decision: Fault = { kind: "fault", fault, step: stepName(step), ms: this.#manner.faultMs }
    this.#struck.set(fault, decision)
    return decision
  }

  #strikes(fault: FaultKind, { label: { process } }: StepId, plan: FaultPlan | undefined): boolean {
    if (fault !== "crash") return this.#tree.strikes()
    const number = this.#plans.get(plan) ?? this.#plans.size
    this.#plans.set(plan, number)
    return this.#tree.crashes({ name: `crash ${number} of ${process}`, life: process })
  }

  touched(object: string, changes?: boolean): void {
    this.#tree.touched(object === "world" ? everything : object, changes)
  }

  emitted({ kind }: TraceEvent): void {
    if (kind === "Crashed" || kind === "Fault" || kind === "AbortRequested") this.#tree.touched(everything)
    else this.#tree.touched(this.#manner.traceOrder ? "trace" : `trace of ${this.#life}`)
  }

  #goesAtOnce({ label }: StepId): boolean {
    return this.#manner.granularity === "calls" && label.phase === "turn"
  }
}

type Fault = NonNullable<ReturnType<FaultDecider["fault"]>>

/**
 * Steps of these kinds run code of their own life. At a request it is the object that does something: it touches what it
 * says, and the life that called it nothing. All others may concern every one.
 */
const ofOneLife: ReadonlySet<string> = new Set<Phase>(["start", "reply", "timer", "turn"])

/** What was found so far; keeps one schedule per message. */
class Findings {
  readonly #violations = new Map<string, Violation>()
  failed = 0

  get violations(): readonly Violation[] {
    return [...this.#violations.values()]
  }

  add({ outcome, decisions }: SimulationResult): void {
    if (outcome.kind === "ok") return
    this.failed++
    const { error } = outcome
    const message = messageOf(error)
    const known = this.#violations.get(message) ?? { message, error, decisions, schedules: 0 }
    this.#violations.set(message, { ...known, schedules: known.schedules + 1 })
  }
}

const entries = {
  traceOrder: optional(flag),
  faults: optional(v.custom<readonly FaultPlan[]>(Array.isArray, "a list of fault plans")),
  maxFaults: optional(integer(0)),
  faultMs: optional(integer(0)),
  maxRuns: optional(integer(1)),
  maxMs: optional(milliseconds),
  clock: optional(has("now")),
  maxSteps: optional(integer(1)),
  reduction: optional(v.picklist(["sleepSets", "none"], '"sleepSets" or "none"')),
  granularity: optional(v.picklist(["steps", "calls"], '"steps" or "calls"')),
  onProgress: optional(fn),
  signal: optional(has("addEventListener")),
}

function check(main: unknown, options: ExploreOptions): void {
  if (typeof main !== "function") throw new InvalidOptionError("explore", "main", main, "an async function")
  checkOptions("explore", entries, options)
}
