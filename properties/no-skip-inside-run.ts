import type { ItemRef, TraceEvent } from "../sim/trace.js"
import { IndexSet } from "./index-set.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"
import { type CallEnd, covered, RunningCalls } from "./running-calls.js"
import { event as named } from "./wording.js"

export const noSkipInsideRun: Property = {
  id: "I-05",
  title: "No skip inside a run",
  statement:
    "Before the batch of an admitted event completes, the event lies in the processed part of a returned call or below an explicit override. Not asked for events that arrive after a higher index of their stream.",
  weakened:
    "Events that arrive after a higher index of their stream count as handled already, which they are while A1 holds.",
  takes: [...RunningCalls.takes, "PageRead", "Admitted", "Completed"],
  monitor: () => new NoSkipInsideRun(),
}

interface Batch {
  readonly items: readonly ItemRef[]
  missing: number
}

interface Stream {
  readonly covered: IndexSet
  /** The batches that wait for an index. */
  readonly open: Map<number, Batch[]>
  highest: number
}

interface SinkState {
  readonly streams: Map<string, Stream>
  readonly pages: Map<string, readonly ItemRef[]>
  readonly admitted: Map<string, Batch>
}

/** Keeps the batches in progress, and which indexes of each stream were covered: one interval unless it had gaps. */
class NoSkipInsideRun implements Monitor {
  checked = 0
  readonly #running = new RunningCalls()
  readonly #sinks = new LiveSinks((): SinkState => ({ streams: new Map(), pages: new Map(), admitted: new Map() }))

  observe(event: TraceEvent): string | undefined {
    this.#sinks.observe(event)
    const ended = this.#running.observe(event)
    if (ended !== undefined) cover(this.#sinks.get(ended.sink)?.streams.get(ended.stream), ended)
    if (event.kind === "PageRead") {
      if (event.items.length > 0) this.#sinks.ofRun(event.run)?.pages.set(`${event.run} ${event.seq}`, event.items)
    } else if (event.kind === "Admitted") this.#admit(event.run, event.seq)
    else if (event.kind === "Completed") return this.#complete(event.run, event.seq)
    return undefined
  }

  #admit(run: string, seq: number): void {
    const sink = this.#sinks.ofRun(run)
    const items = sink?.pages.get(`${run} ${seq}`)
    if (sink === undefined || items === undefined) return
    sink.pages.delete(`${run} ${seq}`)
    const batch = { items, missing: 0 }
    sink.admitted.set(`${run} ${seq}`, batch)
    for (const item of items) expect(streamOf(sink, item.stream), item.index, batch)
  }

  #complete(run: string, seq: number): string | undefined {
    const sink = this.#sinks.ofRun(run)
    const batch = sink?.admitted.get(`${run} ${seq}`)
    if (sink === undefined || batch === undefined) return undefined
    sink.admitted.delete(`${run} ${seq}`)
    this.checked += batch.items.length
    if (batch.missing === 0) return undefined
    const skipped = batch.items.filter(({ stream, index }) => sink.streams.get(stream)?.open.has(index))
    for (const { stream, index } of skipped) sink.streams.get(stream)?.open.delete(index)
    const more = batch.missing > 1 ? ` and ${batch.missing - 1} more` : ""
    return `${run}: batch #${seq} completed with ${named(skipped[0]!)}${more} in no processed part of a call and under no override`
  }
}

function streamOf({ streams }: SinkState, name: string): Stream {
  const known = streams.get(name)
  if (known !== undefined) return known
  const stream = { covered: new IndexSet(), open: new Map<number, Batch[]>(), highest: -1 }
  streams.set(name, stream)
  return stream
}

function expect(stream: Stream, index: number, batch: Batch): void {
  if (stream.covered.has(index)) return
  const waiting = stream.open.get(index)
  const late = waiting === undefined && index < stream.highest
  stream.highest = Math.max(stream.highest, index)
  if (late) return
  batch.missing++
  if (waiting === undefined) stream.open.set(index, [batch])
  else waiting.push(batch)
}

function cover(stream: Stream | undefined, ended: CallEnd): void {
  if (stream === undefined) return
  const [from, to] = covered(ended)
  stream.covered.add(from, to)
  // An override may lie far beyond what is open, and what is open far beyond the span: the shorter walk is taken.
  if (to - from <= stream.open.size) for (let index = from; index < to; index++) settle(stream, index)
  else for (const index of [...stream.open.keys()]) if (index >= from && index < to) settle(stream, index)
}

function settle(stream: Stream, index: number): void {
  for (const batch of stream.open.get(index) ?? []) batch.missing--
  stream.open.delete(index)
}
