import type { Happening, TraceEvent } from "../sim/trace.js"
import type { RunStarted } from "./live-runs.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"

export const memoryFollowsWork: Property = {
  id: "I-25",
  title: "Memory follows what is in flight",
  statement:
    "A sink holds no more events than its incomplete batches have, and of streams without work no more than maxIdleStreams. When a run has ended, the listeners on its signal, its timers and its waiting pumps are as many as before its start.",
  weakened:
    "The events and streams that a sink holds are what it says itself, where it does. Timers are those of the clock that the consumer was given.",
  takes: ["RunStarted", "RunEnded", "Crashed", "PageRead", "Admitted", "Completed", "Probe"],
  monitor: () => new MemoryFollowsWork(),
}

type Of<K extends Happening["kind"]> = Extract<TraceEvent, { kind: K }>

interface Page {
  readonly events: number
  readonly streams: ReadonlySet<string>
}

interface Sink {
  readonly name: string
  readonly maxIdleStreams: number
  /** By run and number: pages that were read and are not complete. */
  readonly pages: Map<string, Page>
  /** In incomplete batches. */
  events: number
  /** How many incomplete batches have events of a stream. */
  readonly streams: Map<string, number>
  /** What was counted before the start, and the last time. */
  readonly counts: Map<string, { readonly before: number; last: number }>
}

/** Keeps the size and the streams of each incomplete batch. */
class MemoryFollowsWork implements Monitor {
  checked = 0
  readonly #sinks = new LiveSinks(({ sink, maxIdleStreams = Infinity }: RunStarted): Sink => ({
    name: sink,
    maxIdleStreams,
    pages: new Map(),
    events: 0,
    streams: new Map(),
    counts: new Map(),
  }))

  observe(event: TraceEvent): string | undefined {
    const wrong = event.kind === "RunEnded" ? this.#ended(event) : undefined
    this.#sinks.observe(event)
    switch (event.kind) {
      case "PageRead":
        this.#read(event)
        return undefined
      case "Admitted":
        this.#admitted(event)
        return undefined
      case "Completed":
        this.#completed(event)
        return undefined
      case "Probe":
        return this.#probed(event)
      default:
        return wrong
    }
  }

  #read({ run, seq, items }: Of<"PageRead">): void {
    if (items.length === 0) return
    const streams = new Set(items.map(({ stream }) => stream))
    this.#sinks.ofRun(run)?.pages.set(`${run} ${seq}`, { events: items.length, streams })
  }

  #admitted({ run, seq }: Of<"Admitted">): void {
    const sink = this.#sinks.ofRun(run)
    const page = sink?.pages.get(`${run} ${seq}`)
    if (sink === undefined || page === undefined) return
    sink.events += page.events
    for (const stream of page.streams) sink.streams.set(stream, (sink.streams.get(stream) ?? 0) + 1)
  }

  #completed({ run, seq }: Of<"Completed">): void {
    const sink = this.#sinks.ofRun(run)
    const page = sink?.pages.get(`${run} ${seq}`)
    if (sink === undefined || page === undefined) return
    sink.pages.delete(`${run} ${seq}`)
    sink.events -= page.events
    for (const stream of page.streams) {
      const left = sink.streams.get(stream)! - 1
      if (left === 0) sink.streams.delete(stream)
      else sink.streams.set(stream, left)
    }
  }

  #probed({ sink: name, of, count }: Of<"Probe">): string | undefined {
    const sink = name === undefined ? undefined : this.#sinks.get(name)
    if (sink === undefined) return undefined
    if (of === "events") return this.#holds(sink, of, count, sink.events)
    if (of === "streams") return this.#holds(sink, of, count, sink.streams.size + sink.maxIdleStreams)
    const known = sink.counts.get(of)
    if (known === undefined) sink.counts.set(of, { before: count, last: count })
    else known.last = count
    return undefined
  }

  #holds({ name, streams }: Sink, what: string, count: number, most: number): string | undefined {
    this.checked++
    if (count <= most) return undefined
    const of = what === "events" ? "all that its incomplete batches have" : `${streams.size} of them with work`
    return `${name}: holds ${count} ${what}, more than ${most}, ${of}`
  }

  #ended({ run }: Of<"RunEnded">): string | undefined {
    for (const [what, { before, last }] of this.#sinks.ofRun(run)?.counts ?? []) {
      this.checked++
      if (last > before)
        return `${run}: ends and leaves ${last - before} of its ${what} behind: ${before} before, ${last} now`
    }
    return undefined
  }
}
