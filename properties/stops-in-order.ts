import type { Happening, TraceEvent } from "../sim/trace.js"
import { LiveRuns } from "./live-runs.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"

export const stopsInOrder: Property = {
  id: "I-27",
  title: "Stops in order",
  statement:
    "A run that is asked to stop and ends without an error has stored the checkpoint of its last completed batch, and within the drain limit, for which it waits for calls, none of them is left running.",
  weakened: "Calls that run longer than the drain limit may be left running.",
  takes: [
    ...LiveRuns.takes,
    ...(["AbortRequested", "CallStarted", "CallReturned", "CallThrew", "Completed", "Loaded", "CommitDone"] as const),
  ],
  monitor: () => new StopsInOrder(),
}

/** Where the trace does not tell. */
const usualDrainMs = 5_000

/** Keeps the calls in flight, two positions per run, and who was asked to stop. */
class StopsInOrder implements Monitor {
  checked = 0
  readonly #runs = new LiveRuns(() => ({ earned: 0n, stored: 0n }))
  readonly #calls = new LiveSinks(() => new Map<number, string>())
  readonly #asked = new Map<string, number>()

  observe(event: TraceEvent): string | undefined {
    const wrong = event.kind === "RunEnded" ? this.#ended(event, event.t) : undefined
    this.#runs.observe(event)
    this.#calls.observe(event)
    switch (event.kind) {
      case "AbortRequested":
        this.#asked.set(event.process, event.t)
        return undefined
      case "Crashed":
        this.#asked.delete(event.process)
        return undefined
      case "CallStarted":
        this.#calls.get(event.sink)?.set(event.call, event.stream)
        return undefined
      case "CallReturned":
      case "CallThrew":
        this.#calls.get(event.sink)?.delete(event.call)
        return undefined
      case "Completed":
        this.#raise(event.run, "earned", event.checkpoint)
        return undefined
      case "Loaded":
        this.#raise(event.run, "stored", event.position)
        return undefined
      case "CommitDone":
        this.#raise(event.run, "stored", event.stored ?? event.position)
        return undefined
      default:
        return wrong
    }
  }

  #ended({ run, outcome }: Extract<Happening, { kind: "RunEnded" }>, t: number): string | undefined {
    const { process, drainTimeoutMs = usualDrainMs } = this.#runs.started(run) ?? {}
    const asked = process === undefined ? undefined : this.#asked.get(process)
    const positions = this.#runs.get(run)
    if (asked === undefined || positions === undefined || outcome !== "ok") return undefined
    this.checked++
    const { earned, stored } = positions
    if (stored < earned)
      return `${run}: ends with ${stored} stored, though it completed a batch with checkpoint ${earned}`
    if (t - asked >= drainTimeoutMs) return undefined
    for (const [call, stream] of this.#calls.ofRun(run) ?? [])
      return `${run}: ends while call #${call} of ${stream} runs`
    return undefined
  }

  #raise(name: string, what: "earned" | "stored", position: bigint): void {
    const run = this.#runs.get(name)
    if (run !== undefined && position > run[what]) run[what] = position
  }
}
