import { type Clock, systemClock } from "../engine/clock.js"
import * as v from "valibot"
import { checkOptions, flag, has, InvalidOptionError, integer, milliseconds, optional } from "../engine/options.js"
import type { Decision } from "./decision.js"
import { ExplorationTree, NotRepeatableError, Redundant } from "./exploration-tree.js"
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
  /** Measures `maxMs`. Default: the machine's. */
  readonly clock?: Clock
  /** For each run, see `simulate`. Default: 10,000. */
  readonly maxSteps?: number
}

export interface Exploration {
  /** `all`: every schedule was seen. Else the bound that ended the exploration. */
  readonly seen: "all" | "maxRuns" | "maxMs"
  /** Runs to the end, each by another schedule. */
  readonly schedules: number
  /** Runs that were broken off: they would have differed from one of the others in the order of commuting steps alone. */
  readonly cut: number
  /** Steps released in all runs together. */
  readonly steps: number
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
 * Two steps commute when they are of different incarnations and touch nothing in common. A request touches its object,
 * where ports of one name stand for one object. What else a step uses of the world is noticed: what it schedules for
 * others, trace events, draws from `world.random`, faults and crashes, the end of the run. What is shared behind the
 * world's back is not: a variable that two processes write, or that `main` writes when one of several `ended` resolves.
 * Put such a thing behind a port.
 *
 * @throws InvalidOptionError; Error when the scenario is not repeatable
 */
export async function explore(
  main: (world: World) => Promise<void>,
  options: ExploreOptions = {},
): Promise<Exploration> {
  check(main, options)
  const { seed = 0, faults = [], maxSteps = 10_000, maxRuns = 100_000, maxMs = 60_000, clock = systemClock } = options
  const tree = new ExplorationTree((options.reduction ?? "sleepSets") === "sleepSets", options.maxFaults ?? 1)
  const findings = new Findings()
  const began = clock.now()
  for (let run = 1; ; run++) {
    const explorer = new Explorer(tree, options.faultMs ?? 0)
    const onEvent = (event: TraceEvent) => explorer.emitted(event, options.traceOrder ?? true)
    const simulation = { faults, maxSteps, latencyMs: [0, 0] as const, onEvent }
    findings.add(await simulateBy(explorer, "explore", seed, main, simulation))
    if (!tree.backtrack()) return findings.of("all")
    if (run >= maxRuns) return findings.of("maxRuns")
    if (clock.now() - began >= maxMs) return findings.of("maxMs")
  }
}

/** One run: tells the tree what is ready and what was touched, and does as the tree says. */
class Explorer implements Decider {
  readonly #tree: ExplorationTree
  readonly #faultMs: number
  /** The choice was made already, and the step is about to be released. */
  #chosen = false

  constructor(tree: ExplorationTree, faultMs: number) {
    this.#tree = tree
    this.#faultMs = faultMs
  }

  choose(ready: ReadySteps): number {
    const names = Array.from({ length: ready.size }, (_, index) => stepName(ready.at(index)))
    this.#chosen = true
    return names.indexOf(this.#tree.next(names))
  }

  released(step: ReadyStep): void {
    if (!this.#chosen) this.#tree.next([stepName(step)])
    this.#chosen = false
    const { process, port, phase } = step.label
    this.#tree.touched(ofOneLife.has(phase) && process !== "world" ? process : everything)
    if (phase === "request") this.#tree.touched(`port ${port}`)
  }

  fault(fault: FaultKind, step: StepId): ReturnType<FaultDecider["fault"]> {
    if (!this.#tree.strikes()) return undefined
    return { kind: "fault", fault, step: stepName(step), ms: this.#faultMs }
  }

  touched(object: string): void {
    this.#tree.touched(object === "world" ? everything : object)
  }

  emitted({ kind }: TraceEvent, traceOrder: boolean): void {
    if (kind === "Crashed" || kind === "Fault" || kind === "AbortRequested") this.#tree.touched(everything)
    else if (traceOrder) this.#tree.touched("trace")
  }
}

/** Steps of these kinds touch their own life; all others may concern every one. */
const ofOneLife: ReadonlySet<string> = new Set<Phase>(["start", "request", "reply", "timer", "turn"])

/** What was found so far; keeps one schedule per message. */
class Findings {
  readonly #violations = new Map<string, Violation>()
  #schedules = 0
  #cut = 0
  #steps = 0
  #failed = 0

  /** @throws NotRepeatableError when that is what the run failed with */
  add({ outcome, steps, decisions }: SimulationResult): void {
    this.#steps += steps
    const error = outcome.kind === "ok" ? undefined : outcome.error
    if (error instanceof NotRepeatableError) throw error
    if (error instanceof Redundant) {
      this.#cut++
      return
    }
    this.#schedules++
    if (outcome.kind === "ok") return
    this.#failed++
    const message = error instanceof Error ? error.message : String(error)
    const known = this.#violations.get(message) ?? { message, error, decisions, schedules: 0 }
    this.#violations.set(message, { ...known, schedules: known.schedules + 1 })
  }

  of(seen: Exploration["seen"]): Exploration {
    const violations = [...this.#violations.values()]
    return { seen, schedules: this.#schedules, cut: this.#cut, steps: this.#steps, failed: this.#failed, violations }
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
}

function check(main: unknown, options: ExploreOptions): void {
  if (typeof main !== "function") throw new InvalidOptionError("explore", "main", main, "an async function")
  checkOptions("explore", entries, options)
}
