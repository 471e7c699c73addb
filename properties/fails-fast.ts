import type { Happening, TraceEvent } from "../sim/trace.js"
import type { RunStarted } from "./live-runs.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"
import { RunningCalls } from "./running-calls.js"
import { ordinal } from "./wording.js"

const fails =
  "A call that throws or whose result does not fit its span, a read that fails for a reason that does not pass by itself, and as many failed writes of a position in a row as end a run, end it with the first such error, without a further call, and as soon as running calls have ended or the drain limit is over. No error vanishes, also not after a stop."

export const failsFast: Property = {
  id: "I-26",
  title: "Fails fast and visibly",
  statement: `${fails} Nothing else ends a run with an error.`,
  weakened:
    "A failed write of a position counts when there are maxCheckpointFailures in a row, or when it is the last one before the run ends. A read that fails for a passing reason may be repeated, or end the run. A fault, or being asked to stop, is a reason for any error.",
  takes: [
    ...(["RunStarted", "RunEnded", "Crashed", "CallStarted", "CallReturned", "CallThrew"] as const),
    ...(["CommitDone", "CommitFailed", "ReadFailed", "Fault", "Resumed", "AbortRequested", "Quiescent"] as const),
  ],
  monitor: () => new FailsFast("told"),
}

/** Asked of an engine that may have reasons to fail which no trace tells, e.g. a lock that it did not get. */
export const failsVisibly: Property = { ...failsFast, statement: fails, monitor: () => new FailsFast("its own") }

/** Where the reasons for which a run may end with an error are to be found. */
type Reasons = "told" | "its own"

/** What a source waits for when it is not told otherwise, and the time that its last write may take besides. */
const drainMs = 5_000
const marginMs = 5_000

interface Failure {
  readonly what: string
  /** Undefined where it is the engine that has to find the words. */
  readonly error: string | undefined
  readonly t: number
  /** When the run has to be over. */
  until: number
}

interface Sink {
  readonly name: string
  readonly process: string
  readonly patienceMs: number
  readonly mostFailedWrites: number
  /** Failed writes in a row, by run. */
  readonly failedWrites: Map<string, { count: number; error: string }>
  first: Failure | undefined
  /** Error of a failed write before it, which may have ended the run: how many do is not known. */
  suspect: string | undefined
  /** Error of the last read before it that failed for a passing reason: whether that is to be repeated is not known. */
  suspectedRead: string | undefined
  /** Something happened that may end it with an error. */
  hasReason: boolean
}

/** What may befall a process without anything that it asks for failing. */
const harmless = new Set(["delay", "pause", "clockSkew", "clockJump", "duplicates", "reordersStreams"])

/** A fault may hit a process, or what all of them use: that is nobody's process. */
const concerns = (fault: string, process: string): boolean => fault === process || !fault.includes("#")

type Of<K extends Happening["kind"]> = Extract<TraceEvent, { kind: K }>

/** Keeps the first failure of each live sink, and the calls in flight. */
class FailsFast implements Monitor {
  checked = 0
  readonly #reasons: Reasons
  /** When the first of the sinks that failed has to be over. */
  #due = Infinity
  readonly #calls = new RunningCalls()
  readonly #sinks = new LiveSinks(
    ({ sink, process, drainTimeoutMs = drainMs, maxCheckpointFailures = Infinity }: RunStarted): Sink => ({
      name: sink,
      process,
      patienceMs: drainTimeoutMs + marginMs,
      mostFailedWrites: maxCheckpointFailures,
      failedWrites: new Map(),
      first: undefined,
      suspect: undefined,
      suspectedRead: undefined,
      hasReason: false,
    }),
  )

  constructor(reasons: Reasons) {
    this.#reasons = reasons
  }

  observe(event: TraceEvent): string | undefined {
    const wrong = event.kind === "RunEnded" ? this.#ended(event) : undefined
    this.#sinks.observe(event)
    const ended = this.#calls.observe(event)
    switch (event.kind) {
      case "CallStarted":
        return this.#started(event)
      case "CallThrew":
        this.#failed(this.#sinks.get(event.sink), event, `call #${event.call} of ${event.stream} threw`, event.error)
        break
      case "CallReturned":
        if (ended !== undefined && !ended.override && !fits(ended)) this.#misfit(event)
        break
      case "ReadFailed":
        this.#hasReason(this.#sinks.ofRun(event.run))
        if (event.class === "transient") {
          this.#suspects(this.#sinks.ofRun(event.run), event.error)
          break
        }
        this.#failed(this.#sinks.ofRun(event.run), event, `the read of a ${event.what} failed`, event.error)
        break
      case "CommitFailed":
        this.#writeFailed(event)
        break
      case "CommitDone":
        this.#sinks.ofRun(event.run)?.failedWrites.delete(event.run)
        break
      case "Fault":
        if (!harmless.has(event.fault)) this.#haveReason(event.process)
        this.#troubled(event)
        break
      case "Resumed":
        this.#troubled(event)
        break
      case "AbortRequested":
        this.#haveReason(event.process)
        break
      default:
    }
    return wrong ?? this.#overdue(event.t)
  }

  #started({ sink: name, call, stream }: Of<"CallStarted">): string | undefined {
    const first = this.#sinks.get(name)?.first
    return first && `${name}: call #${call} of ${stream} starts after ${told(first)}`
  }

  #misfit({ sink: name, call, stream, result, items, ...event }: Of<"CallReturned">): void {
    const what = `call #${call} of ${stream} answered ${result} to ${items.length} events`
    this.#failed(this.#sinks.get(name), event, what, undefined)
  }

  #writeFailed(event: Of<"CommitFailed">): void {
    const { run, error } = event
    const sink = this.#sinks.ofRun(run)
    if (sink === undefined) return
    this.#hasReason(sink)
    const count = (sink.failedWrites.get(run)?.count ?? 0) + 1
    sink.failedWrites.set(run, { count, error })
    if (sink.first === undefined && sink.mostFailedWrites === Infinity) sink.suspect ??= error
    const nth = count === 1 ? "" : `, the ${ordinal(count)} in a row,`
    if (count >= sink.mostFailedWrites) this.#failed(sink, event, `the write of a position${nth} failed`, error)
  }

  #failed(sink: Sink | undefined, { t }: Pick<TraceEvent, "t">, what: string, error: string | undefined): void {
    if (sink === undefined) return
    this.checked++
    sink.first ??= { what, error, t, until: t + sink.patienceMs }
    this.#due = Math.min(this.#due, sink.first.until)
  }

  #ended({ run, outcome, error }: Of<"RunEnded">): string | undefined {
    const sink = this.#sinks.ofRun(run)
    const unwritten = sink?.failedWrites.get(run)
    const first = sink?.first
    if (first === undefined) {
      if (outcome === "error") return this.#endedFor(sink, run, error)
      if (unwritten === undefined) return undefined
      this.checked++
      return `${run}: ends as if nothing were wrong, though its last write of a position failed with "${unwritten.error}"`
    }
    if (outcome === "ok") return `${run}: ends as if nothing were wrong, after ${told(first)}`
    if (first.error === undefined || error === undefined || error === first.error) return undefined
    if (error === sink?.suspect || error === sink?.suspectedRead) return undefined
    return `${run}: ends with "${error}", which is not the first error: that was when ${told(first)}`
  }

  #endedFor(sink: Sink | undefined, run: string, error: string | undefined): string | undefined {
    if (this.#reasons === "its own" || sink === undefined || sink.hasReason) return undefined
    return `${run}: ends with "${error}", though nothing had failed`
  }

  #suspects(sink: Sink | undefined, error: string): void {
    if (sink !== undefined && sink.first === undefined) sink.suspectedRead = error
  }

  #hasReason(sink: Sink | undefined): void {
    if (sink !== undefined) sink.hasReason = true
  }

  #haveReason(process: string): void {
    for (const [, sink] of this.#sinks.entries()) if (concerns(process, sink.process)) sink.hasReason = true
  }

  /** A paused process is given its time when it goes on, a late answer is waited for. */
  #troubled(event: Of<"Fault" | "Resumed">): void {
    for (const [, sink] of this.#sinks.entries()) {
      if (sink.process !== event.process || sink.first === undefined) continue
      if (event.kind === "Resumed") sink.first.until = event.t + sink.patienceMs
      else if (event.fault === "pause") sink.first.until = Infinity
      else if (event.fault === "delay") sink.first.until += event.ms ?? 0
      this.#due = Math.min(this.#due, sink.first.until)
    }
  }

  #overdue(t: number): string | undefined {
    if (t <= this.#due) return undefined
    this.#due = Infinity
    for (const [name, { first }] of this.#sinks.entries()) {
      if (first === undefined) continue
      if (t > first.until) return `${name}: has neither ended nor reported ${t - first.t} ms after ${told(first)}`
      this.#due = Math.min(this.#due, first.until)
    }
    return undefined
  }
}

const fits = ({ first, end, next }: { first: number; end: number; next: number | undefined }): boolean =>
  next !== undefined && Number.isInteger(next) && next >= first && next <= end

const told = ({ what, error }: Failure): string => (error === undefined ? what : `${what} with "${error}"`)
