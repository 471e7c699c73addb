import type { TraceEvent } from "../sim/trace.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"

/**
 * How many steps of an engine may follow each other without letting timers and signals through: a step is something that
 * a trace tells of a consumer. What one turn brings may be many times what a page and the window hold, but not this much.
 */
export const mostSteps = 10_000

export const timeGoesOn: Property = {
  id: "I-23",
  title: "Time goes on",
  statement: `Whatever handlers and feeds do in microtasks: of ${mostSteps} steps of a consumer in a row not all fall into one turn, so that timers that are due fire and signals are seen; and after it was asked to stop, it does not make as many.`,
  weakened: "In a trace that does not say in which turn an event came, only the stop is looked at.",
  takes: [
    ...(["RunStarted", "RunEnded", "Crashed", "AbortRequested", "Loaded", "PageRead", "ReadFailed"] as const),
    ...(["Admitted", "Completed", "CallStarted", "CallReturned", "CallThrew"] as const),
    ...(["CommitStarted", "CommitDone", "CommitFailed"] as const),
  ],
  monitor: () => new TimeGoesOn(),
}

interface Sink {
  readonly process: string
  turn: number | undefined
  /** Steps in that turn. */
  steps: number
  /** Steps since it was asked to stop. */
  sinceAbort: number | undefined
}

/** Keeps counters for each live sink. */
class TimeGoesOn implements Monitor {
  checked = 0
  readonly #sinks = new LiveSinks(({ process }): Sink => ({
    process,
    turn: undefined,
    steps: 0,
    sinceAbort: undefined,
  }))

  observe(event: TraceEvent): string | undefined {
    this.#sinks.observe(event)
    if (event.kind === "AbortRequested") this.#abort(event.process)
    const sink = this.#sinkOf(event)
    return sink === undefined ? undefined : this.#step(sink, event)
  }

  #sinkOf(event: TraceEvent): Sink | undefined {
    if ("run" in event) return this.#sinks.ofRun(event.run)
    return event.kind === "CallStarted" || event.kind === "CallReturned" || event.kind === "CallThrew"
      ? this.#sinks.get(event.sink)
      : undefined
  }

  #abort(process: string): void {
    for (const [, sink] of this.#sinks.entries()) {
      if (sink.process !== process) continue
      this.checked++
      sink.sinceAbort = 0
    }
  }

  #step(sink: Sink, { turn }: TraceEvent): string | undefined {
    if (sink.sinceAbort !== undefined && ++sink.sinceAbort === mostSteps)
      return `${sink.process}: has made ${mostSteps} steps since it was asked to stop`
    if (turn === undefined || turn !== sink.turn) {
      sink.turn = turn
      sink.steps = 1
      return undefined
    }
    if (++sink.steps === 2) this.checked++
    if (sink.steps !== mostSteps) return undefined
    return `${sink.process}: has made ${mostSteps} steps within one turn: no timer fires and no signal is seen`
  }
}
