import type { Happening, TraceEvent } from "../sim/trace.js"
import { LateWork } from "./late-work.js"
import { LiveRuns } from "./live-runs.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"

const ends =
  "ends as soon as running calls have ended or the drain limit is over. If it ends without an error it has stored the checkpoint of its last completed batch, and within the drain limit none of its calls is left running."

export const stopsInOrder: Property = {
  id: "I-27",
  title: "Stops in order",
  statement: `A run that is asked to stop begins no call, takes in no page but the one that it was reading, and ${ends} Once it has ended it begins no call, completes no batch and stores nothing.`,
  weakened:
    "Calls that run longer than the drain limit may be left running. Five seconds are allowed on top for the last write; a run whose process is in trouble after it was asked is given more, or all the time that there is.",
  takes: [
    ...LateWork.takes,
    ...(["CallReturned", "CallThrew", "Loaded", "CommitDone"] as const),
    ...(["Fault", "Resumed", "Quiescent"] as const),
  ],
  monitor: () => new StopsInOrder(new LateWork()),
}

/** Asked of an engine that may finish what it has admitted. */
export const endsInOrder: Property = {
  ...stopsInOrder,
  statement: `A run that is asked to stop ${ends}`,
  monitor: () => new StopsInOrder(undefined),
}

/** Where the trace does not tell. */
const usualDrainMs = 5_000
const marginMs = 5_000

/** Keeps the calls in flight, two positions per run, who was asked to stop, and who is paused. */
class StopsInOrder implements Monitor {
  checked = 0
  readonly #runs = new LiveRuns(() => ({ earned: 0n, stored: 0n }))
  readonly #calls = new LiveSinks(() => new Map<number, string>())
  readonly #late: LateWork | undefined
  readonly #asked = new Map<string, number>()
  /** When the runs of a process that was asked have to be over. */
  readonly #due = new Map<string, number>()
  readonly #paused = new Set<string>()

  /** @param late Absent: whatever is begun late. */
  constructor(late: LateWork | undefined) {
    this.#late = late
  }

  observe(event: TraceEvent): string | undefined {
    const late = this.#late?.observe(event)
    const ended = event.kind === "RunEnded" ? this.#ended(event, event.t) : undefined
    const wrong = late ?? ended ?? this.#overdue(event.t)
    this.#runs.observe(event)
    this.#calls.observe(event)
    switch (event.kind) {
      case "AbortRequested":
        this.#wait(event.process, event.t)
        return wrong
      case "Crashed":
        this.#asked.delete(event.process)
        this.#due.delete(event.process)
        this.#paused.delete(event.process)
        return wrong
      case "Fault":
        this.#troubled(event)
        return wrong
      case "Resumed":
        this.#paused.delete(event.process)
        return wrong
      case "CallStarted":
        this.#calls.get(event.sink)?.set(event.call, event.stream)
        return wrong
      case "CallReturned":
      case "CallThrew":
        this.#calls.get(event.sink)?.delete(event.call)
        return wrong
      case "Completed":
        this.#raise(event.run, "earned", event.checkpoint)
        return wrong
      case "Loaded":
        this.#raise(event.run, "stored", event.position)
        return wrong
      case "CommitDone":
        this.#raise(event.run, "stored", event.stored ?? event.position)
        return wrong
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

  #wait(process: string, t: number): void {
    this.#asked.set(process, t)
    let longest = -Infinity
    for (const [{ process: of, drainTimeoutMs = usualDrainMs }] of this.#runs.entries())
      if (of === process) longest = Math.max(longest, drainTimeoutMs)
    if (longest >= 0 && !this.#paused.has(process)) this.#due.set(process, t + longest + marginMs)
  }

  #troubled({ process, fault, ms = 0 }: Extract<Happening, { kind: "Fault" }>): void {
    if (fault === "pause") this.#paused.add(process)
    const due = this.#due.get(process)
    if (due !== undefined) this.#due.set(process, fault === "delay" ? due + ms : Infinity)
  }

  #overdue(t: number): string | undefined {
    for (const [process, due] of this.#due) {
      if (t <= due) continue
      this.#due.delete(process)
      for (const [{ run, process: of }] of this.#runs.entries())
        if (of === process)
          return `${run}: has not ended ${t - this.#asked.get(process)!} ms after it was asked to stop`
    }
    return undefined
  }

  #raise(name: string, what: "earned" | "stored", position: bigint): void {
    const run = this.#runs.get(name)
    if (run !== undefined && position > run[what]) run[what] = position
  }
}
