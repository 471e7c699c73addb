import type { TraceEvent } from "../sim/trace.js"
import { Backlog } from "./backlog.js"
import { LiveRuns } from "./live-runs.js"
import { Rest } from "./rest.js"
import { covered, RunningCalls } from "./running-calls.js"

/** Whether the run of a member lives, and whether its last read found the tail. */
interface Reading {
  readonly member: number
  atTail: boolean
}

/**
 * Whether a deployment has settled: every appended event was handled; each member of each group, of the size that was
 * started last, has a live run whose last read found the tail; nothing is in progress, and every checkpoint is stored.
 */
export class Settlement {
  readonly #rest = new Rest()
  readonly #running = new RunningCalls()
  readonly #unhandled = new Backlog()
  readonly #runs = new LiveRuns(({ member = 0 }): Reading => ({ member, atTail: false }))
  readonly #sizes = new Map<string, number>()

  observe(event: TraceEvent): void {
    this.#rest.observe(event)
    this.#unhandled.observe(event)
    this.#runs.observe(event)
    const ended = this.#running.observe(event)
    if (ended !== undefined) this.#unhandled.cover(ended.group, ended.stream, ...covered(ended))
    if (event.kind === "RunStarted") this.#sizes.set(`${event.group} ${event.tranche}`, event.size ?? 1)
    else if (event.kind === "PageRead") {
      const run = this.#runs.get(event.run)
      if (run !== undefined) run.atTail = event.isTail
    }
  }

  get reached(): boolean {
    return this.#unhandled.open().next().done === true && this.#allAtTail() && this.#rest.disturbance() === undefined
  }

  #allAtTail(): boolean {
    const atTail = new Map<string, Set<number>>()
    for (const [{ group, tranche }, reading] of this.#runs.entries()) {
      if (!reading.atTail) continue
      const members = atTail.get(`${group} ${tranche}`) ?? new Set<number>()
      atTail.set(`${group} ${tranche}`, members.add(reading.member))
    }
    return [...this.#sizes].every(([key, size]) => atTail.get(key)?.size === size)
  }
}
