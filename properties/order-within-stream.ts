import type { TraceEvent } from "../sim/trace.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"
import { type CallEnd, type CallStarted, covered, RunningCalls } from "./running-calls.js"
import { span } from "./wording.js"

export const orderWithinStream: Property = {
  id: "I-01",
  title: "Order within a stream",
  statement:
    "In a run, each call of a stream begins at or after the index that the call before it returned; after a call that made no progress or failed, the next one contains that call's first event again.",
  weakened: "Never inside a run. A restart may go back to the stored checkpoint, so it is not asked across runs.",
  takes: RunningCalls.takes,
  monitor: () => new OrderWithinStream(),
}

/** Keeps the last call of every stream of a live sink: as many entries as the sink has streams. */
class OrderWithinStream implements Monitor {
  checked = 0
  readonly #running = new RunningCalls()
  readonly #sinks = new LiveSinks(() => new Map<string, CallEnd>())

  observe(event: TraceEvent): string | undefined {
    this.#sinks.observe(event)
    const ended = this.#running.observe(event)
    if (ended !== undefined) this.#sinks.get(ended.sink)?.set(ended.stream, ended)
    return event.kind === "CallStarted" ? this.#started(event) : undefined
  }

  #started(event: CallStarted): string | undefined {
    const last = this.#sinks.get(event.sink)?.get(event.stream)
    if (last === undefined) return undefined
    this.checked++
    const { sink, call, stream, first, count } = event
    const what = `${sink}: call #${call} delivers ${span(stream, first, count)}`
    // After a result that does not fit its span nothing counts as handled.
    const [, next] = covered(last)
    if (next > last.first)
      return first < next ? `${what} after call #${last.call} returned next index ${next}` : undefined
    if (first <= last.first) return undefined
    const outcome = last.next === undefined ? "failed" : "made no progress"
    return `${what}, but call #${last.call} began at ${stream}@${last.first} and ${outcome}: that event must come first`
  }
}
