import * as v from "valibot"
import { checkOptions, InvalidOptionError, integer, optional, text } from "../engine/options.js"
import type { DecisionLog } from "./decision-log.js"
import type { Life } from "./life.js"
import type { Script } from "./script.js"
import type { SeededRandom } from "./seeded-random.js"
import type { StepId } from "./step-id.js"
import type { Trace } from "./trace-recorder.js"
import type { FaultKind, FaultPlan } from "./world.js"

/** What befalls one call. */
export interface Trouble {
  readonly requestLost: boolean
  readonly replyLost: boolean
  readonly delayMs: number
}

interface Surroundings {
  readonly random: SeededRandom
  readonly trace: Trace
  readonly log?: DecisionLog | undefined
  /** Decides instead of chance, within what the plans in force allow. */
  readonly script?: FaultDecider | undefined
}

/** Decides on faults instead of chance. Asked for each kind that a plan in force allows at a step. */
export type FaultDecider = Pick<Script, "fault">

/**
 * The fault plans in force: draws for every opportunity whether trouble strikes, and counts what did.
 *
 * Each process draws from a source of its own, so that what befalls its n-th opportunity does not depend on what the
 * others do. In real time, where nobody controls who goes first, the faults of a process still follow from the seed.
 */
export class Faults {
  readonly #random: SeededRandom
  readonly #trace: Trace
  readonly #log: DecisionLog | undefined
  readonly #script: FaultDecider | undefined
  readonly #sources = new Map<string, SeededRandom>()
  readonly #plans = new Set<{ readonly plan: FaultPlan; crashesLeft: number }>()
  readonly #counts = new Map<FaultKind, number>()

  constructor({ random, trace, log, script }: Surroundings) {
    this.#random = random
    this.#trace = trace
    this.#log = log
    this.#script = script
  }

  /** How many faults there were, by kind. */
  get counts(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** @throws InvalidOptionError */
  add(plan: FaultPlan): () => void {
    checkPlan(plan)
    const entry = { plan, crashesLeft: plan.crash?.most ?? 0 }
    this.#plans.add(entry)
    return () => void this.#plans.delete(entry)
  }

  heal(): void {
    this.#plans.clear()
  }

  /** Decides whether the life is to be crashed at this step; answers the pause before its restart in milliseconds. */
  crash(step: StepId, life: Life): number | undefined {
    for (const entry of this.#plans) {
      const { crash } = entry.plan
      if (crash === undefined || entry.crashesLeft === 0 || life.process === undefined) continue
      if (!concerns(entry.plan, step, life)) continue
      const pauseMs = this.#crashBy(crash, step, life)
      if (pauseMs === undefined) continue
      entry.crashesLeft--
      this.#log?.fault("crash", step, pauseMs)
      return pauseMs
    }
    return undefined
  }

  /** Decides what befalls a call. */
  call(step: StepId, life: Life): Trouble {
    let requestLost = false
    let replyLost = false
    let delayMs = 0
    for (const { plan } of this.#plans) {
      if (!concerns(plan, step, life)) continue
      requestLost = this.#strikes("requestLost", plan.requestLost, step, life) || requestLost
      replyLost = this.#strikes("replyLost", plan.replyLost, step, life) || replyLost
      if (this.#strikes("delay", plan.delay?.rate, step, life))
        delayMs = this.#delayed(delayMs, plan.delay!.ms, step, life)
    }
    if (requestLost) this.#log?.fault("requestLost", step)
    if (replyLost && !requestLost) this.#log?.fault("replyLost", step)
    if (delayMs > 0 && !requestLost) this.#log?.fault("delay", step, delayMs)
    return { requestLost, replyLost, delayMs }
  }

  #crashBy({ rate, restartAfterMs }: NonNullable<FaultPlan["crash"]>, step: StepId, life: Life): number | undefined {
    if (this.#script !== undefined) return this.#script.fault("crash", step)?.ms
    const source = this.#source(life)
    return source.chance(rate) ? source.integer(...restartAfterMs) : undefined
  }

  #strikes(fault: FaultKind, rate: number | undefined, step: StepId, life: Life): boolean {
    if (rate === undefined) return false
    return this.#script === undefined ? this.#source(life).chance(rate) : this.#script.fault(fault, step) !== undefined
  }

  #delayed(soFarMs: number, range: readonly [number, number], step: StepId, life: Life): number {
    if (this.#script === undefined) return soFarMs + this.#source(life).integer(...range)
    // The one decision has what all plans came to together.
    return this.#script.fault("delay", step)?.ms ?? 0
  }

  /** Takes note of a fault that has come about. */
  happened(fault: FaultKind, life: Life, port = "", operation = ""): void {
    this.#counts.set(fault, (this.#counts.get(fault) ?? 0) + 1)
    this.#trace.emit({ kind: "Fault", fault, process: life.id, port, operation })
  }

  #source(life: Life): SeededRandom {
    const name = life.process ?? ""
    const known = this.#sources.get(name)
    if (known !== undefined) return known
    const source = this.#random.fork(name)
    this.#sources.set(name, source)
    return source
  }
}

function concerns(plan: FaultPlan, { label: { port, operation } }: StepId, life: Life): boolean {
  if (plan.process !== undefined && plan.process !== life.process) return false
  if (plan.port !== undefined && plan.port !== port) return false
  return plan.operations?.includes(operation) ?? true
}

const rate = v.custom<number>((x) => typeof x === "number" && x >= 0 && x <= 1, "a probability from 0 to 1")
const range = v.custom<readonly [number, number]>(
  (x) => Array.isArray(x) && x.length === 2 && x.every((ms) => Number.isSafeInteger(ms) && ms >= 0) && x[0] <= x[1],
  "a range [from, to] of whole milliseconds of at least 0",
)
const entries = {
  port: optional(text),
  operations: optional(v.array(text, "a list of operations")),
  process: optional(text),
  requestLost: optional(rate),
  replyLost: optional(rate),
  delay: optional(v.object({ rate, ms: range }, "an object { rate, ms }")),
  crash: optional(
    v.object({ rate, restartAfterMs: range, most: integer(1) }, "an object { rate, restartAfterMs, most }"),
  ),
}

function checkPlan(plan: FaultPlan): void {
  checkOptions("world.fault", entries, plan)
  const unknown = Object.keys(plan).find((key) => !(key in entries))
  const known = Object.keys(entries).join(", ")
  if (unknown !== undefined)
    throw new InvalidOptionError("world.fault", unknown, "an unknown option", `one of ${known}`)
}
