import * as v from "valibot"
import { checkOptions, InvalidOptionError, integer, optional, text } from "../engine/options.js"
import type { DecisionLog } from "./decision-log.js"
import type { Life } from "./life.js"
import type { Script } from "./script.js"
import type { SeededRandom } from "./seeded-random.js"
import type { StepId } from "./step-id.js"
import { stepLabel } from "./step-label.js"
import type { Trace } from "./trace-recorder.js"
import type { FaultKind, FaultPlace, FaultPlan, MsRange } from "./world.js"

/** What befalls one call. */
export interface Trouble {
  readonly requestLost: boolean
  readonly replyLost: boolean
  readonly delayMs: number
  /** After how many milliseconds the request arrives once more; undefined: it does not. */
  readonly repeatMs: number | undefined
  /** The failure that takes the call's place. */
  readonly failure: string | undefined
}

/** Where a call may be struck besides by what may befall any call. */
export interface Openings {
  befalls(failure: string): boolean
  repeats(): boolean
}

interface Surroundings {
  readonly random: SeededRandom
  readonly trace: Trace
  readonly log?: DecisionLog | undefined
  /** Decides instead of chance, within what the plans in force allow. */
  readonly script?: FaultDecider | undefined
}

/** Decides on faults instead of chance. Asked for each kind that a plan in force allows at a step. */
export interface FaultDecider {
  /** @param plan That asks, where it strikes processes rather than calls. */
  fault(fault: FaultKind, step: StepId, plan?: FaultPlan): ReturnType<Script["fault"]>
}

/** Faults that strike a process rather than a call, and at most so many times. */
type Counted = "crash" | "pause" | "clockJump"

/** A plan in force, and how often it may still strike. */
interface InForce {
  readonly plan: FaultPlan
  readonly left: Record<Counted, number>
}

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
  readonly #plans = new Set<InForce>()
  readonly #counts = new Map<FaultKind, number>()
  /** How often each place that is no call of a port was asked about. */
  readonly #asked = new Map<string, number>()

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
    const { crash, pause, clockJump } = plan
    const left = { crash: crash?.most ?? 0, pause: pause?.most ?? 0, clockJump: clockJump?.most ?? 0 }
    const entry = { plan, left }
    this.#plans.add(entry)
    return () => void this.#plans.delete(entry)
  }

  heal(): void {
    this.#plans.clear()
  }

  /** No plan is in force. */
  get areOver(): boolean {
    return this.#plans.size === 0
  }

  /** Decides whether the life is to be crashed at this step; answers the pause before its restart in milliseconds. */
  crash(step: StepId, life: Life): number | undefined {
    return this.#atYieldPoint(
      "crash",
      step,
      life,
      ({ crash }) => crash && { rate: crash.rate, ms: crash.restartAfterMs },
    )
  }

  /** Decides whether the life is to be paused at this step; answers for how many milliseconds. */
  pause(step: StepId, life: Life): number | undefined {
    return this.#atYieldPoint("pause", step, life, ({ pause }) => pause)
  }

  /** Decides whether the clock of the life is to jump at this step; answers by how many milliseconds. */
  clockJump(step: StepId, life: Life): number | undefined {
    return this.#atYieldPoint("clockJump", step, life, ({ clockJump }) => clockJump)
  }

  /** By how many milliseconds the clock of the life is ahead when it starts. */
  clockSkew(step: StepId, life: Life): number {
    let aheadMs = 0
    for (const { plan } of this.#plans) {
      if (plan.clockSkew === undefined || !isOf(plan, life)) continue
      const given = this.#script?.fault("clockSkew", step)
      aheadMs = this.#script === undefined ? this.#source(life).integer(...plan.clockSkew) : (given?.ms ?? 0)
    }
    if (aheadMs !== 0) this.#log?.fault("clockSkew", step, aheadMs)
    return aheadMs
  }

  /** Decides what befalls a call. */
  call(step: StepId, life: Life, openings: Openings): Trouble {
    if (this.areOver) return untroubled
    let requestLost = false
    let replyLost = false
    let delayMs = 0
    let repeatMs: number | undefined
    let failure: string | undefined
    for (const { plan } of this.#plans) {
      if (!concerns(plan, step, life)) continue
      requestLost = this.#strikes("requestLost", plan.requestLost, step, life) || requestLost
      replyLost = this.#strikes("replyLost", plan.replyLost, step, life) || replyLost
      if (this.#strikes("delay", plan.delay?.rate, step, life))
        delayMs = this.#timed("delay", plan.delay!.ms, step, life, delayMs)
      if (plan.repeat !== undefined && openings.repeats() && this.#strikes("repeat", plan.repeat.rate, step, life))
        repeatMs = this.#timed("repeat", plan.repeat.ms, step, life)
      for (const [name, rate] of Object.entries(plan.failures ?? none))
        if (openings.befalls(name) && this.#strikes(name, rate, step, life)) failure ??= name
    }
    if (requestLost) {
      this.#log?.fault("requestLost", step)
      return { ...untroubled, requestLost }
    }
    if (failure !== undefined) this.#log?.fault(failure, step)
    if (replyLost) this.#log?.fault("replyLost", step)
    if (delayMs > 0) this.#log?.fault("delay", step, delayMs)
    if (repeatMs !== undefined) this.#log?.fault("repeat", step, repeatMs)
    return { requestLost, replyLost, delayMs, repeatMs, failure }
  }

  /** Decides whether a fault strikes at something that is no call of a port. */
  strikesAt(fault: string, { port, operation, about }: FaultPlace, life: Life): boolean {
    if (life.over || this.areOver) return false
    const label = stepLabel(life.id, port, operation, "fault", about)
    const key = `${label.text} ${fault}`
    const nth = (this.#asked.get(key) ?? 0) + 1
    this.#asked.set(key, nth)
    const step = { label, nth }
    const plans = [...this.#plans].filter(({ plan }) => concerns(plan, step, life))
    if (!plans.some(({ plan }) => this.#strikes(fault, plan.failures?.[fault], step, life))) return false
    this.#log?.fault(fault, step)
    this.happened(fault, life, { port, operation })
    return true
  }

  /** Takes note of a fault that has come about. */
  happened(fault: FaultKind, life: Life, { port, operation }: FaultPlace = nowhere, ms?: number): void {
    this.#counts.set(fault, (this.#counts.get(fault) ?? 0) + 1)
    this.#trace.emit({
      kind: "Fault",
      fault,
      process: life.id,
      port,
      operation,
      ...(ms !== undefined && { ms }),
    })
  }

  #atYieldPoint(
    fault: Counted,
    step: StepId,
    life: Life,
    of: (plan: FaultPlan) => { readonly rate: number; readonly ms: MsRange } | undefined,
  ): number | undefined {
    if (this.areOver || life.process === undefined) return undefined
    for (const { plan, left } of this.#plans) {
      const spec = of(plan)
      if (spec === undefined || left[fault] === 0 || !concerns(plan, step, life)) continue
      const ms = this.#drawn(fault, spec, step, life, plan)
      if (ms === undefined) continue
      left[fault]--
      this.#log?.fault(fault, step, ms)
      return ms
    }
    return undefined
  }

  #drawn(
    fault: FaultKind,
    { rate, ms }: { readonly rate: number; readonly ms: MsRange },
    step: StepId,
    life: Life,
    plan: FaultPlan,
  ): number | undefined {
    if (this.#script !== undefined) return this.#script.fault(fault, step, plan)?.ms
    const source = this.#source(life)
    return source.chance(rate) ? source.integer(...ms) : undefined
  }

  #strikes(fault: FaultKind, rate: number | undefined, step: StepId, life: Life): boolean {
    if (rate === undefined) return false
    return this.#script === undefined ? this.#source(life).chance(rate) : this.#script.fault(fault, step) !== undefined
  }

  #timed(fault: "delay" | "repeat", range: MsRange, step: StepId, life: Life, soFarMs = 0): number {
    if (this.#script === undefined) return soFarMs + this.#source(life).integer(...range)
    // The one decision has what all plans came to together.
    return this.#script.fault(fault, step)?.ms ?? 0
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

const none: Readonly<Record<string, number>> = {}

const nowhere: FaultPlace = { port: "", operation: "" }

const untroubled: Trouble = {
  requestLost: false,
  replyLost: false,
  delayMs: 0,
  repeatMs: undefined,
  failure: undefined,
}

const isOf = (plan: FaultPlan, life: Life) => plan.process === undefined || plan.process === life.process

function concerns(plan: FaultPlan, { label: { port, operation, about } }: StepId, life: Life): boolean {
  if (!isOf(plan, life)) return false
  if (plan.port !== undefined && plan.port !== port) return false
  const { operations } = plan
  return operations === undefined || operations.includes(operation) || operations.includes(about?.what ?? operation)
}

const isRange = (x: unknown): x is MsRange =>
  Array.isArray(x) && x.length === 2 && x.every(Number.isSafeInteger) && x[0] <= x[1]
const rate = v.custom<number>((x) => typeof x === "number" && x >= 0 && x <= 1, "a probability from 0 to 1")
const range = v.custom<MsRange>(
  (x) => isRange(x) && x[0] >= 0,
  "a range [from, to] of whole milliseconds of at least 0",
)
const signedRange = v.custom<MsRange>(isRange, "a range [from, to] of whole milliseconds")
const entries = {
  port: optional(text),
  operations: optional(v.array(text, "a list of operations")),
  process: optional(text),
  requestLost: optional(rate),
  replyLost: optional(rate),
  delay: optional(v.object({ rate, ms: range }, "an object { rate, ms }")),
  repeat: optional(v.object({ rate, ms: range }, "an object { rate, ms }")),
  crash: optional(
    v.object({ rate, restartAfterMs: range, most: integer(1) }, "an object { rate, restartAfterMs, most }"),
  ),
  pause: optional(v.object({ rate, ms: range, most: integer(1) }, "an object { rate, ms, most }")),
  clockSkew: optional(signedRange),
  clockJump: optional(v.object({ rate, ms: signedRange, most: integer(1) }, "an object { rate, ms, most }")),
  failures: optional(v.record(v.string(), rate, "an object of rates by the names of faults")),
}

function checkPlan(plan: FaultPlan): void {
  checkOptions("world.fault", entries, plan)
  const unknown = Object.keys(plan).find((key) => !(key in entries))
  const known = Object.keys(entries).join(", ")
  if (unknown !== undefined)
    throw new InvalidOptionError("world.fault", unknown, "an unknown option", `one of ${known}`)
}
