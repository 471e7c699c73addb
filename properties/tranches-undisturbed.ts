import type { TraceEvent } from "../sim/trace.js"
import type { RunStarted } from "./live-runs.js"
import { LiveSinks } from "./live-sinks.js"
import { OpenBatches } from "./open-batches.js"
import type { Monitor, Property } from "./monitor.js"

export const tranchesUndisturbed: Property = {
  id: "I-30",
  title: "Tranches do not disturb each other",
  statement:
    "Of the tranches that share a sink each is read, handled and stored on, or its run ends: none stands still because of another, also when that one fails.",
  weakened:
    "What the other properties ask of a run they ask of each tranche by itself: that is not asked again here. A tranche whose calls run, or that waits for a permit, does not stand still.",
  takes: [
    ...(["RunStarted", "RunEnded", "Crashed", "Loaded", "PageRead", "ReadFailed", "Admitted", "Completed"] as const),
    ...(["CallStarted", "CallReturned", "CallThrew", "CommitStarted", "CommitDone", "CommitFailed"] as const),
    ...(["Fault", "Resumed", "Quiescent"] as const),
  ],
  monitor: () => new TranchesUndisturbed(),
}

/** More than any write, stop or answer takes; besides, a tranche at the tail may sleep. */
const patienceMs = 10_000
/** When all trouble has ended long ago. */
const patienceAtRestMs = 2_000
const sleeps = 10
const lookEveryMs = 1_000

interface Tranche {
  readonly run: string
  readonly tranche: string
  readonly sleepMs: number
  /** When something of it happened last. */
  last: number
}

interface Sink {
  readonly name: string
  readonly process: string
  readonly most: number
  readonly tranches: Map<string, Tranche>
  /** Streams with a call in flight, by call. */
  readonly calls: Map<number, string>
  isPaused: boolean
  looked: number
}

/** Keeps when something happened last in each live run, its open batches, and the calls in flight. */
class TranchesUndisturbed implements Monitor {
  checked = 0
  readonly #batches = new OpenBatches()
  readonly #sinks = new LiveSinks(({ sink, process, maxConcurrentStreams = Infinity }: RunStarted): Sink => ({
    name: sink,
    process,
    most: maxConcurrentStreams,
    tranches: new Map(),
    calls: new Map(),
    isPaused: false,
    looked: 0,
  }))

  observe(event: TraceEvent): string | undefined {
    if (event.kind === "RunEnded") this.#sinks.ofRun(event.run)?.tranches.delete(event.run)
    this.#sinks.observe(event)
    this.#batches.observe(event)
    switch (event.kind) {
      case "RunStarted": {
        const { run, tranche, tailSleepIntervalMs = 0 } = event
        const sleepMs = sleeps * tailSleepIntervalMs
        this.#sinks.ofRun(run)?.tranches.set(run, { run, tranche, sleepMs, last: event.t })
        return undefined
      }
      case "CallStarted":
        this.#sinks.get(event.sink)?.calls.set(event.call, event.stream)
        return undefined
      case "CallReturned":
      case "CallThrew":
        this.#sinks.get(event.sink)?.calls.delete(event.call)
        return undefined
      case "Fault":
      case "Resumed":
        this.#troubled(event)
        return undefined
      case "Quiescent":
        return this.#atRest(event.t)
      case "Completed":
        this.#batches.complete(event.run, event.seq)
        return this.#happened(event.run, event.t)
      default:
        return "run" in event ? this.#happened(event.run, event.t) : undefined
    }
  }

  #happened(run: string, t: number): string | undefined {
    const sink = this.#sinks.ofRun(run)
    const tranche = sink?.tranches.get(run)
    if (sink === undefined || tranche === undefined) return undefined
    tranche.last = Math.max(tranche.last, t)
    if (sink.tranches.size === 1 || t - sink.looked < lookEveryMs) return undefined
    sink.looked = t
    return this.#standstill(sink, t, patienceMs)
  }

  #atRest(t: number): string | undefined {
    for (const [, sink] of this.#sinks.entries()) {
      const wrong = sink.tranches.size > 1 ? this.#standstill(sink, t, patienceAtRestMs) : undefined
      if (wrong !== undefined) return wrong
    }
    return undefined
  }

  #standstill(sink: Sink, t: number, patience: number): string | undefined {
    if (sink.isPaused) return undefined
    for (const tranche of sink.tranches.values()) {
      this.checked++
      if (t - tranche.last <= patience + tranche.sleepMs || this.#isWorkedOn(sink, tranche)) continue
      return `${sink.name}: tranche ${tranche.tranche} stands still beside its siblings: nothing of it has happened for ${t - tranche.last} ms, and its run has not ended`
    }
    return undefined
  }

  #isWorkedOn({ calls, most }: Sink, { run }: Tranche): boolean {
    const open = this.#batches.of(run) ?? []
    if (open.length === 0) return false
    if (calls.size >= most) return true
    const running = new Set(calls.values())
    return open.some(({ items = [] }) => items.some(({ stream }) => running.has(stream)))
  }

  /** What is late because of a fault is waited for; a paused process is given its time when it goes on. */
  #troubled(event: Extract<TraceEvent, { kind: "Fault" | "Resumed" }>): void {
    for (const [, sink] of this.#sinks.entries()) {
      if (sink.process !== event.process) continue
      if (event.kind === "Resumed") sink.isPaused = false
      else if (event.fault === "pause") sink.isPaused = true
      const until = event.t + (event.kind === "Fault" && event.fault === "delay" ? (event.ms ?? 0) : 0)
      for (const tranche of sink.tranches.values()) tranche.last = Math.max(tranche.last, until)
    }
  }
}
