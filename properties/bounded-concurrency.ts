import type { TraceEvent } from "../sim/trace.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"
import { ordinal } from "./wording.js"

export const boundedConcurrency: Property = {
  id: "I-18",
  title: "Bounded concurrency",
  statement: "A sink never has more calls in flight than maxConcurrentStreams, and none at rest.",
  weakened: "Never.",
  takes: [...LiveSinks.takes, "CallStarted", "CallReturned", "CallThrew", "Quiescent"],
  monitor: () => new BoundedConcurrency(),
}

/** Keeps the calls in flight. */
class BoundedConcurrency implements Monitor {
  checked = 0
  readonly #sinks = new LiveSinks(({ maxConcurrentStreams = Infinity }) => ({
    limit: maxConcurrentStreams,
    running: new Map<number, string>(),
  }))

  observe(event: TraceEvent): string | undefined {
    this.#sinks.observe(event)
    switch (event.kind) {
      case "CallStarted":
        return this.#started(event.sink, event.call, event.stream)
      case "CallReturned":
      case "CallThrew":
        this.#sinks.get(event.sink)?.running.delete(event.call)
        return undefined
      case "Quiescent":
        return this.#atRest()
      default:
        return undefined
    }
  }

  #started(name: string, call: number, stream: string): string | undefined {
    const sink = this.#sinks.get(name)
    if (sink === undefined) return undefined
    this.checked++
    sink.running.set(call, stream)
    if (sink.running.size <= sink.limit) return undefined
    const others = [...sink.running].filter(([other]) => other !== call).slice(0, 5)
    const names = others.map(([other, of]) => `#${other} of ${of}`).join(", ")
    return `${name}: call #${call} of ${stream} is the ${ordinal(sink.running.size)} at once, the limit is ${sink.limit}; running: ${names}`
  }

  #atRest(): string | undefined {
    for (const [name, { running }] of this.#sinks.entries()) {
      this.checked++
      const [first] = running
      if (first !== undefined)
        return `${name}: call #${first[0]} of ${first[1]} runs at rest (calls in flight: ${running.size})`
    }
    return undefined
  }
}
