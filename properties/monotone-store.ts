import type { Happening, TraceEvent } from "../sim/trace.js"
import { LiveRuns } from "./live-runs.js"
import type { Monitor, Property } from "./monitor.js"

export const monotoneStore: Property = {
  id: "I-12",
  title: "Monotone in the store",
  statement: "Over all runs of a key the stored position never decreases, except by an override.",
  weakened: "Never: the stores compare what they are given, so it is asked of them without A5 too.",
  takes: [...LiveRuns.takes, "Loaded", "CommitStarted", "CommitDone", "Override"],
  monitor: () => new MonotoneStore(),
}

/** What is known of one key: the store holds at least `atLeast`. Each override begins a new epoch. */
interface Known {
  readonly epoch: number
  readonly atLeast: bigint
}

const nothing: Known = { epoch: 0, atLeast: 0n }

/**
 * A store tells what it holds when it answers a load or a write. An answer may arrive late, but never may it show less
 * than what was acknowledged before the question was asked. Kept are one position per key, and the questions asked.
 */
class MonotoneStore implements Monitor {
  checked = 0
  readonly #keys = new Map<string, Known>()
  readonly #runs = new LiveRuns(() => ({ atStart: new Map<string, Known>(), atWrite: nothing }))

  observe(event: TraceEvent): string | undefined {
    this.#runs.observe(event)
    switch (event.kind) {
      case "RunStarted":
        for (const group of [event.group, `${event.group}-${event.member}`]) {
          const key = `${group} ${event.tranche}`
          this.#runs.get(event.run)?.atStart.set(key, this.#known(key))
        }
        return undefined
      case "Loaded":
        return this.#loaded(event)
      case "CommitStarted": {
        const run = this.#runs.get(event.run)
        if (run !== undefined) run.atWrite = this.#known(`${event.group} ${event.tranche}`)
        return undefined
      }
      case "CommitDone":
        return this.#written(event)
      case "Override":
        this.#override(`${event.group} ${event.tranche}`, event.position)
        return undefined
      default:
        return undefined
    }
  }

  #known(key: string): Known {
    return this.#keys.get(key) ?? nothing
  }

  #loaded({ run, group, tranche, position }: Extract<Happening, { kind: "Loaded" }>): string | undefined {
    const key = `${group} ${tranche}`
    const before = this.#runs.get(run)?.atStart.get(key)
    if (before === undefined) return undefined
    this.checked++
    return this.#holds(key, before, position)
      ? `${run}: loaded ${position} for (${group}, ${tranche}), where ${before.atLeast} was stored`
      : undefined
  }

  #written(event: Extract<Happening, { kind: "CommitDone" }>): string | undefined {
    const { run, group, tranche, position, stored } = event
    const key = `${group} ${tranche}`
    const before = this.#runs.get(run)?.atWrite
    if (before === undefined) return undefined
    this.checked++
    const expected = before.atLeast > position ? before.atLeast : position
    const lower = stored !== undefined && this.#holds(key, { ...before, atLeast: expected }, stored)
    this.#holds(key, before, position)
    return lower
      ? `${run}: after ${position} was written for (${group}, ${tranche}) the store holds ${stored}, and it held ${before.atLeast} before`
      : undefined
  }

  /** Takes note of an answer; true when it shows less than what was known when the question was asked. */
  #holds(key: string, before: Known, position: bigint): boolean {
    const now = this.#known(key)
    if (before.epoch !== now.epoch) return false
    if (position > now.atLeast) this.#keys.set(key, { ...now, atLeast: position })
    return position < before.atLeast
  }

  #override(key: string, position: bigint): void {
    this.#keys.set(key, { epoch: this.#known(key).epoch + 1, atLeast: position })
  }
}
