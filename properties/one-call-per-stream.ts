import type { TraceEvent } from "../sim/trace.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"
import { span } from "./wording.js"

export const oneCallPerStream: Property = {
  id: "I-02",
  title: "One call per stream",
  statement: "Calls of one stream in one run never overlap; with one sink over several tranches the run is the sink.",
  weakened:
    "Never inside a run. Calls that outlive a crash or a stop, and those of a second instance, may overlap with others.",
  takes: [...LiveSinks.takes, "CallStarted", "CallReturned", "CallThrew"],
  monitor: () => new OneCallPerStream(),
}

/** Keeps the calls in flight. */
class OneCallPerStream implements Monitor {
  checked = 0
  readonly #sinks = new LiveSinks(() => new Map<string, number>())

  observe(event: TraceEvent): string | undefined {
    this.#sinks.observe(event)
    if (event.kind === "CallReturned" || event.kind === "CallThrew") {
      const busy = this.#sinks.get(event.sink)
      if (busy?.get(event.stream) === event.call) busy.delete(event.stream)
    }
    if (event.kind !== "CallStarted") return undefined
    const { sink, call, stream, first, count } = event
    const busy = this.#sinks.get(sink)
    if (busy === undefined) return undefined
    this.checked++
    const other = busy.get(stream)
    busy.set(stream, call)
    if (other === undefined) return undefined
    return `${sink}: call #${call} with ${span(stream, first, count)} starts while call #${other} of ${stream} runs`
  }
}
