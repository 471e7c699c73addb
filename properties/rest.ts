import type { Happening, TraceEvent } from "../sim/trace.js"
import { LiveRuns } from "./live-runs.js"
import { LiveSinks } from "./live-sinks.js"
import { OpenBatches } from "./open-batches.js"
import { event as named } from "./wording.js"

interface Run {
  /** The last page was not the tail. */
  reading: boolean
  /** The newest checkpoint that was earned: of the last completed page, or of an empty one after it. */
  earned: bigint
  stored: bigint
}

/** Says what still goes on in a deployment. Kept are the batches and calls in progress, and two positions per run. */
export class Rest {
  readonly #batches = new OpenBatches()
  readonly #runs = new LiveRuns((): Run => ({ reading: false, earned: 0n, stored: 0n }))
  readonly #calls = new LiveSinks(() => new Map<number, string>())

  observe(event: TraceEvent): void {
    this.#runs.observe(event)
    this.#calls.observe(event)
    this.#batches.observe(event)
    switch (event.kind) {
      case "CallStarted":
        this.#calls.get(event.sink)?.set(event.call, event.stream)
        return
      case "CallReturned":
      case "CallThrew":
        this.#calls.get(event.sink)?.delete(event.call)
        return
      case "Completed":
        this.#batches.complete(event.run, event.seq)
        raise(this.#runs.get(event.run), "earned", event.checkpoint)
        return
      case "PageRead":
        return this.#read(event)
      case "Loaded":
        return raise(this.#runs.get(event.run), "stored", event.position)
      case "CommitDone":
        return raise(this.#runs.get(event.run), "stored", event.stored ?? event.position)
      default:
        return
    }
  }

  /** What disturbs the rest; undefined when nothing does. */
  disturbance(): string | undefined {
    for (const batch of this.#batches.all()) {
      const open = this.#batches.firstOpen(batch)
      const why = open === undefined ? "though all its events are handled" : `${named(open)} is not handled`
      return `${batch.run}: at rest batch #${batch.seq} is not complete, ${why}`
    }
    for (const [sink, calls] of this.#calls.entries())
      for (const [call, stream] of calls) return `${sink}: at rest call #${call} of ${stream} still runs`
    for (const [{ run }, { reading, earned, stored }] of this.#runs.entries()) {
      if (stored < earned) return `${run}: at rest the stored position is ${stored}, the last checkpoint ${earned}`
      if (reading) return `${run}: at rest the run does not find the tail`
    }
    return undefined
  }

  #read({ run: name, items, checkpoint, isTail }: Extract<Happening, { kind: "PageRead" }>): void {
    const run = this.#runs.get(name)
    if (run !== undefined) run.reading = !isTail
    if (items.length === 0 && this.#batches.of(name)?.length === 0) raise(run, "earned", checkpoint)
  }
}

function raise(run: Run | undefined, what: "earned" | "stored", position: bigint): void {
  if (run !== undefined && position > run[what]) run[what] = position
}
