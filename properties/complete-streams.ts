import type { TraceEvent } from "../sim/trace.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"
import { positionAfter, RunningCalls } from "./running-calls.js"
import { span } from "./wording.js"

export const completeStreams: Property = {
  id: "I-06",
  title: "Complete streams",
  statement:
    "A sink that requires complete streams calls a stream for the first time with index 0, and from then on with the index at its write position.",
  weakened: "Asked only of sinks whose run says that they require complete streams.",
  takes: RunningCalls.takes,
  monitor: () => new CompleteStreams(),
}

/** Keeps the position of every stream of such a sink, as the sink itself must. */
class CompleteStreams implements Monitor {
  checked = 0
  readonly #running = new RunningCalls()
  readonly #sinks = new LiveSinks(({ requireCompleteStreams = false }) =>
    requireCompleteStreams ? new Map<string, number>() : undefined,
  )

  observe(event: TraceEvent): string | undefined {
    this.#sinks.observe(event)
    const ended = this.#running.observe(event)
    if (ended !== undefined) {
      const positions = this.#sinks.get(ended.sink)
      const next = positionAfter(ended)
      if (next !== undefined && next > (positions?.get(ended.stream) ?? 0)) positions?.set(ended.stream, next)
    }
    if (event.kind !== "CallStarted") return undefined
    const { sink, call, stream, first, count } = event
    const positions = this.#sinks.get(sink)
    if (positions === undefined) return undefined
    this.checked++
    const position = positions.get(stream) ?? 0
    if (first === position) return undefined
    const which = positions.has(stream) ? `is at ${position}` : "was not called before"
    return `${sink}: call #${call} delivers ${span(stream, first, count)}, but the stream ${which}, and complete streams are required`
  }
}
