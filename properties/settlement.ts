import type { Clock } from "../engine/clock.js"
import type { Happening, TraceEvent } from "../sim/trace.js"
import type { Process, World } from "../sim/world.js"
import { Backlog } from "./backlog.js"
import { LiveRuns } from "./live-runs.js"
import { Rest } from "./rest.js"
import { covered, RunningCalls } from "./running-calls.js"
import type { Reads } from "./stage.js"

/** How the waiting for a deployment to settle ended. */
export const quiescent = (world: Pick<World, "waiting">, withinMs: number, isSettled: boolean): Happening =>
  isSettled ? { kind: "Quiescent" } : { kind: "Quiescent", unsettled: { withinMs, waiting: world.waiting() } }

interface Reading {
  readonly member: number
  readonly tranche: string
  /** Reads in a row that found the tail, since something was appended. */
  tails: number
}

const pollMs = 10

/** The first may have been under way when something was appended, and not have seen it. */
const tailsNeeded = 2

/**
 * Whether a deployment has settled: every appended event was handled; each member of each group, of the size that was
 * started last, has a live run that has read to the tail, where reads are seen; nothing is in progress, and every
 * checkpoint is stored.
 */
export class Settlement {
  readonly #rest = new Rest()
  readonly #running = new RunningCalls()
  readonly #unhandled = new Backlog()
  readonly #runs = new LiveRuns(({ member = 0, tranche }): Reading => ({ member, tranche, tails: 0 }))
  readonly #sizes = new Map<string, number>()
  /** Processes that have begun to consume, whatever became of them. */
  readonly #begun = new Set<string>()

  observe(event: TraceEvent): void {
    this.#rest.observe(event)
    this.#unhandled.observe(event)
    this.#runs.observe(event)
    const ended = this.#running.observe(event)
    if (ended !== undefined) this.#unhandled.cover(ended.group, ended.stream, ...covered(ended))
    if (event.kind === "RunStarted") {
      this.#sizes.set(`${event.group} ${event.tranche}`, event.size ?? 1)
      this.#begun.add(event.process.slice(0, event.process.lastIndexOf("#")))
    } else if (event.kind === "PageRead") {
      const run = this.#runs.get(event.run)
      if (run !== undefined) run.tails = event.isTail ? run.tails + 1 : 0
    } else if (event.kind === "Appended")
      for (const run of this.#runs.values()) if (run.tranche === event.tranche) run.tails = 0
  }

  get reached(): boolean {
    return this.#allHandled() && this.#allAtTail()
  }

  /** Whether all of these have begun to consume: before, nothing shows that there is anything left to do. */
  #hasBegun(consumers: readonly Pick<Process, "name">[]): boolean {
    return consumers.every(({ name }) => this.#begun.has(name))
  }

  /** Waits until it is reached and all of these consume, or the clock says `until`. Answers whether it came to that. */
  async awaited(
    clock: Clock,
    until: number,
    consumers: readonly Pick<Process, "name">[],
    reads: Reads = "seen",
  ): Promise<boolean> {
    const isSettled = () => (reads === "seen" ? this.reached : this.#allHandled()) && this.#hasBegun(consumers)
    while (!isSettled() && clock.now() < until) await clock.sleep(pollMs)
    return isSettled()
  }

  #allHandled(): boolean {
    return this.#unhandled.open().next().done === true && this.#rest.disturbance() === undefined
  }

  #allAtTail(): boolean {
    const atTail = new Map<string, Set<number>>()
    for (const [{ group, tranche }, reading] of this.#runs.entries()) {
      if (reading.tails < tailsNeeded) continue
      const members = atTail.get(`${group} ${tranche}`) ?? new Set<number>()
      atTail.set(`${group} ${tranche}`, members.add(reading.member))
    }
    return [...this.#sizes].every(([key, size]) => atTail.get(key)?.size === size)
  }
}
