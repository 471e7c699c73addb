import type { TraceEvent } from "../sim/trace.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"
import { positionAfter, RunningCalls } from "./running-calls.js"
import { span } from "./wording.js"

export const noRepeatInsideRun: Property = {
  id: "I-04",
  title: "No repeat inside a run",
  statement: "An index below the stream's write position is never delivered again in the same run.",
  weakened:
    "A sink forgets the positions of idle streams beyond maxIdleStreams: then what comes again late is delivered again. No trace shows it, so it is asked of all.",
  takes: RunningCalls.takes,
  monitor: () => new NoRepeatInsideRun(),
}

/** Keeps the position of every stream of a live sink, as the sink itself must to tell a repeat. */
class NoRepeatInsideRun implements Monitor {
  checked = 0
  readonly #running = new RunningCalls()
  readonly #sinks = new LiveSinks(() => new Map<string, { next: number; call: number }>())

  observe(event: TraceEvent): string | undefined {
    this.#sinks.observe(event)
    const ended = this.#running.observe(event)
    if (ended !== undefined) {
      const positions = this.#sinks.get(ended.sink)
      const next = positionAfter(ended)
      if (next !== undefined && next > (positions?.get(ended.stream)?.next ?? -1))
        positions?.set(ended.stream, { next, call: ended.call })
    }
    if (event.kind !== "CallStarted") return undefined
    const { sink, call, stream, first, count } = event
    const position = this.#sinks.get(sink)?.get(stream)
    if (position === undefined) return undefined
    this.checked++
    if (first >= position.next) return undefined
    const repeated = span(stream, first, Math.min(count, position.next - first))
    return `${sink}: call #${call} delivers ${repeated} again, call #${position.call} moved the position to ${position.next}`
  }
}
