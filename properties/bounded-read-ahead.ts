import type { TraceEvent } from "../sim/trace.js"
import { LiveRuns } from "./live-runs.js"
import type { Monitor, Property } from "./monitor.js"
import { ordinal } from "./wording.js"

export const boundedReadAhead: Property = {
  id: "I-19",
  title: "Bounded read-ahead",
  statement:
    "Per tranche there are at most maxReadAhead batches admitted and not complete, and while there are as many nothing is read, except one page that may have been on its way.",
  weakened: "One page may be on its way when the limit is reached.",
  takes: [...LiveRuns.takes, "PageRead", "Admitted", "Completed"],
  monitor: () => new BoundedReadAhead(),
}

/** Keeps the numbers of the batches in progress. */
class BoundedReadAhead implements Monitor {
  checked = 0
  readonly #runs = new LiveRuns(({ maxReadAhead = Infinity }) => ({
    limit: maxReadAhead,
    open: new Set<number>(),
    readsAtLimit: 0,
  }))

  observe(event: TraceEvent): string | undefined {
    this.#runs.observe(event)
    switch (event.kind) {
      case "PageRead":
        return this.#read(event.run, event.seq)
      case "Admitted":
        return this.#admitted(event.run, event.seq)
      case "Completed":
        this.#completed(event.run, event.seq)
        return undefined
      default:
        return undefined
    }
  }

  #read(name: string, seq: number): string | undefined {
    const run = this.#runs.get(name)
    if (run === undefined || run.open.size < run.limit) return undefined
    this.checked++
    if (++run.readsAtLimit !== 2) return undefined
    return `${name}: page #${seq} was read, the second one while the window of ${run.limit} is full`
  }

  #admitted(name: string, seq: number): string | undefined {
    const run = this.#runs.get(name)
    if (run === undefined) return undefined
    this.checked++
    run.open.add(seq)
    if (run.open.size <= run.limit) return undefined
    return `${name}: batch #${seq} is the ${ordinal(run.open.size)} in progress, the limit is ${run.limit}`
  }

  #completed(name: string, seq: number): void {
    const run = this.#runs.get(name)
    run?.open.delete(seq)
    if (run !== undefined && run.open.size < run.limit) run.readsAtLimit = 0
  }
}
