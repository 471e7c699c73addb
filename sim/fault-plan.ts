import * as v from "valibot"
import { checkOptions, InvalidOptionError, integer, optional, text } from "../engine/options.js"
import type { Life } from "./life.js"
import type { SeededRandom } from "./seeded-random.js"
import type { StepLabel } from "./step-label.js"
import type { Trace } from "./trace-recorder.js"
import type { FaultPlan } from "./world.js"

/** What befalls one call. */
export interface Trouble {
  readonly requestLost: boolean
  readonly replyLost: boolean
  readonly delayMs: number
}

type Kind = "requestLost" | "replyLost" | "delay" | "crash"

/**
 * The fault plans in force: draws for every opportunity whether trouble strikes, and counts what did.
 *
 * Each process draws from a source of its own, so that what befalls its n-th opportunity does not depend on what the
 * others do. In real time, where nobody controls who goes first, the faults of a process still follow from the seed.
 */
export class Faults {
  readonly #random: SeededRandom
  readonly #trace: Trace
  readonly #sources = new Map<string, SeededRandom>()
  readonly #plans = new Set<{ readonly plan: FaultPlan; crashesLeft: number }>()
  readonly #counts = new Map<Kind, number>()

  constructor(random: SeededRandom, trace: Trace) {
    this.#random = random
    this.#trace = trace
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

  /** Draws whether the life is to be crashed at this step; answers the pause before its restart in milliseconds. */
  crash(label: StepLabel, life: Life): number | undefined {
    for (const entry of this.#plans) {
      const { plan } = entry
      if (plan.crash === undefined || entry.crashesLeft === 0 || life.process === undefined) continue
      if (!concerns(plan, label.port, label.operation, life) || !this.#source(life).chance(plan.crash.rate)) continue
      entry.crashesLeft--
      return this.#source(life).integer(...plan.crash.restartAfterMs)
    }
    return undefined
  }

  /** Draws what befalls a call. */
  call(port: string, operation: string, life: Life): Trouble {
    let requestLost = false
    let replyLost = false
    let delayMs = 0
    for (const { plan } of this.#plans) {
      if (!concerns(plan, port, operation, life)) continue
      const source = this.#source(life)
      if (plan.requestLost !== undefined) requestLost = source.chance(plan.requestLost) || requestLost
      if (plan.replyLost !== undefined) replyLost = source.chance(plan.replyLost) || replyLost
      if (plan.delay !== undefined && source.chance(plan.delay.rate)) delayMs += source.integer(...plan.delay.ms)
    }
    return { requestLost, replyLost, delayMs }
  }

  /** Takes note of a fault that has come about. */
  happened(fault: Kind, life: Life, port = "", operation = ""): void {
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

function concerns(plan: FaultPlan, port: string, operation: string, life: Life): boolean {
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
