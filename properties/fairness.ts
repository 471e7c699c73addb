import type { TraceEvent } from "../sim/trace.js"
import type { Monitor, Property } from "./monitor.js"
import { type Need, type ReadySink, ReadyStreams } from "./ready-streams.js"
import type { CallStarted } from "./running-calls.js"

export const fairness: Property = {
  id: "I-22",
  title: "Fairness",
  statement:
    "A ready stream is passed over by no more calls than there were events in open batches, and streams with such events, when it became ready: no stream waits for ever while others make calls.",
  weakened:
    "The specification counts the ready streams of older batches. Here a stream that comes back with a part of its events keeps its place, so each of its events may cost a call, besides one call without progress. Not asked of sinks that have failed or were asked to stop.",
  takes: [...ReadyStreams.takes, "Quiescent"],
  monitor: () => new Fairness(),
}

/** A stream is judged when its turn has come, and those that wait in vain when the sink ends or the deployment is at rest. */
class Fairness implements Monitor {
  checked = 0
  readonly #streams = new ReadyStreams()

  observe(event: TraceEvent): string | undefined {
    const message = this.#judge(event)
    this.#streams.observe(event)
    return message
  }

  end(): string | undefined {
    return this.#atRest()
  }

  #judge(event: TraceEvent): string | undefined {
    switch (event.kind) {
      case "CallStarted":
        return this.#called(event)
      case "RunEnded":
        return this.#waitingIn(this.#streams.ofRun(event.run))
      case "Quiescent":
        return this.#atRest()
      default:
        return undefined
    }
  }

  #called({ sink: name, call, stream }: CallStarted): string | undefined {
    const sink = this.#streams.get(name)
    const called = this.#streams.stream(name, stream)
    if (sink === undefined || called === undefined || sink.closing) return undefined
    this.checked++
    const passes = sink.calls - called.since
    if (passes <= called.allowance) return undefined
    return `${name}: call #${call} of ${stream} starts after ${passes} calls of others that started while it was ready; ${called.allowance} were due before it at most`
  }

  #atRest(): string | undefined {
    for (const sink of this.#streams.all()) {
      const message = this.#waitingIn(sink)
      if (message !== undefined) return message
    }
    return undefined
  }

  #waitingIn(sink: ReadySink | undefined): string | undefined {
    if (sink === undefined) return undefined
    const { name, calls, ready } = sink
    for (const { stream, seq, run } of ready satisfies readonly Need[]) {
      const { since, allowance } = this.#streams.stream(name, stream)!
      if (calls - since > allowance)
        return `${name}: ${stream}, ready for batch #${seq} of ${run}, was not called while ${calls - since} calls of others started; ${allowance} were due before it at most`
    }
    return undefined
  }
}
