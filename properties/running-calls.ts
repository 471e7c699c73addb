import type { Happening, TraceEvent } from "../sim/trace.js"
import type { RunStarted } from "./live-runs.js"

export type CallStarted = Extract<Happening, { kind: "CallStarted" }>

interface Sink {
  readonly process: string
  readonly group: string
  runs: number
  readonly calls: Map<number, CallStarted>
}

/** What the end of a call tells about its stream. */
export interface CallEnd {
  readonly sink: string
  /** The group whose reaction ran. */
  readonly group: string
  readonly call: number
  readonly stream: string
  /** The call's span: `first … end - 1`. */
  readonly first: number
  readonly end: number
  /** The next index to deliver, as the result says; undefined when the call threw. */
  readonly next: number | undefined
  /** An outside truth: everything below `next` is covered, whether this sink delivered it or not. */
  readonly override: boolean
}

/** The stream's position as this end tells it: undefined unless the call made progress or told an outside truth. */
export const positionAfter = (ended: CallEnd): number | undefined =>
  ended.override || valid(ended) > ended.first ? ended.next : undefined

/** The indexes that count as handled because of this end: nothing beyond the span, unless an outside truth says so. */
export const covered = (ended: CallEnd): readonly [from: number, to: number] =>
  ended.override ? [0, ended.next ?? 0] : [ended.first, valid(ended)]

/** A result that does not fit its span is an error of the handler, after which nothing counts as handled. */
const valid = ({ first, end, next = first }: CallEnd): number => (next > end ? first : next)

/**
 * The calls in flight, from their start until they return or throw. A crash leaves calls without an end, they are
 * dropped with their process; calls that outlive the run that started them stay until they end.
 */
export class RunningCalls {
  static readonly takes = ["RunStarted", "RunEnded", "Crashed", "CallStarted", "CallReturned", "CallThrew"] as const
  readonly #sinks = new Map<string, Sink>()
  readonly #runs = new Map<string, string>()

  /** To be called with every event; answers what the end of a call means, and nothing for all other events. */
  observe(event: TraceEvent): CallEnd | undefined {
    switch (event.kind) {
      case "RunStarted":
        this.#start(event)
        return undefined
      case "RunEnded":
        this.#end(event.run)
        return undefined
      case "CallStarted":
        this.#sinks.get(event.sink)?.calls.set(event.call, event)
        return undefined
      case "CallThrew":
        return this.#finish(event.sink, event.call, undefined, false)
      case "CallReturned":
        return this.#finish(event.sink, event.call, event.next, event.result.startsWith("OverrideNextIndex"))
      case "Crashed":
        for (const [name, { process }] of this.#sinks) if (process === event.process) this.#sinks.delete(name)
        return undefined
      default:
        return undefined
    }
  }

  #start({ run, sink: name, process, group }: RunStarted): void {
    const sink = this.#sinks.get(name) ?? { process, group, runs: 0, calls: new Map<number, CallStarted>() }
    sink.runs++
    this.#sinks.set(name, sink)
    this.#runs.set(run, name)
  }

  #end(run: string): void {
    const name = this.#runs.get(run)
    const sink = name === undefined ? undefined : this.#sinks.get(name)
    this.#runs.delete(run)
    if (name === undefined || sink === undefined) return
    sink.runs--
    if (sink.runs === 0 && sink.calls.size === 0) this.#sinks.delete(name)
  }

  #finish(name: string, call: number, next: number | undefined, override: boolean): CallEnd | undefined {
    const sink = this.#sinks.get(name)
    const started = sink?.calls.get(call)
    if (sink === undefined || started === undefined) return undefined
    sink.calls.delete(call)
    if (sink.runs === 0 && sink.calls.size === 0) this.#sinks.delete(name)
    const { stream, first, count } = started
    return { sink: name, group: sink.group, call, stream, first, end: first + count, next, override }
  }
}
