import type { ItemRef, TraceEvent } from "../sim/trace.js"
import { IndexSet } from "./index-set.js"
import { LiveRuns } from "./live-runs.js"
import { LiveSinks } from "./live-sinks.js"
import { type CallEnd, positionAfter, RunningCalls } from "./running-calls.js"

/*
 * Which streams of a sink could be called, as the trace tells it: those that an open batch waits for, that are not busy,
 * and whose next event is there where complete streams are required. In the order in which they are due: by the age of the
 * oldest batch that waits for them, and in it by their first event there that is still to be handled.
 *
 * After a call that made no progress a stream pauses, nobody outside knows how long, so it counts as ready no more until it
 * is called again, and as demoted, with no place in the order, until its oldest batch waits for it no longer.
 *
 * What a sink does once it has failed, or was asked to stop, is not the affair of this order: it is closing then.
 *
 * Kept are what the batches in progress wait for, and one position per stream of a live sink. An event costs constant work,
 * but for the search of a place among the ready streams.
 */

/** What an admitted batch needs of a stream. */
export interface Need {
  readonly stream: string
  readonly run: string
  readonly seq: number
  /** Order of admission in the sink. */
  readonly batch: number
  /** Of the stream's first event in the batch; 0 where the feed has put them in another order, or others before them. */
  place: number
  /** Highest index in the batch, plus 1. */
  position: number
  /** How many events. */
  events: number
}

export interface ReadyStream {
  /** The oldest first. */
  readonly needs: Need[]
  /** Its place in the order is not known. */
  demoted: boolean
  /** How many calls of the sink had started when it became ready, and how many might still start before its own. */
  since: number
  allowance: number
  /** The turn in which it became ready because its call returned. */
  returnedIn: number | undefined
}

interface Stream extends ReadyStream {
  position: number
  phase: "waiting" | "ready" | "busy" | "pausing"
  /** Indexes that were admitted, where that matters. */
  readonly admitted: IndexSet | undefined
}

export interface ReadySink {
  readonly name: string
  readonly limit: number
  running: number
  /** How many have started. */
  calls: number
  closing: boolean
  /** Nothing but starts of calls has happened since the last admission. */
  justAdmitted: boolean
  /** The oldest need of each ready stream, in the order in which they are due. */
  readonly ready: readonly Need[]
}

interface Sink extends ReadySink {
  readonly isComplete: boolean
  readonly ready: Need[]
  readonly streams: Map<string, Stream>
  batches: number
  /** Needs of the batch that was admitted last. */
  newest: readonly Need[]
  /** Of open batches. */
  openEvents: number
  openStreams: number
}

/** What may befall a process without an end to what it runs. */
const harmless = new Set(["delay", "pause", "clockSkew", "clockJump", "repeat", "staleRead"])

/** What the feed does to a batch on its way to the sink: in which order its streams come is not known then. */
const reorders = new Set(["duplicates", "reordersStreams"])

export class ReadyStreams {
  static readonly takes = [
    ...RunningCalls.takes,
    ...(["PageRead", "Admitted", "AbortRequested", "CommitFailed", "ReadFailed", "Fault"] as const),
  ] as const
  readonly #running = new RunningCalls()
  readonly #runs = new LiveRuns(() => ({ read: new Map<number, readonly ItemRef[]>() }))
  readonly #sinks = new LiveSinks(({ sink, maxConcurrentStreams = Infinity, requireCompleteStreams = false }) =>
    newSink(sink, maxConcurrentStreams, requireCompleteStreams),
  )

  observe(event: TraceEvent): void {
    if (event.kind === "RunEnded") this.#closes(({ run }) => run === event.run)
    this.#sinks.observe(event)
    this.#runs.observe(event)
    const ended = this.#running.observe(event)
    if (ended !== undefined) returned(this.#sinks.get(ended.sink), ended, event.turn)
    switch (event.kind) {
      case "PageRead":
        if (event.items.length > 0) this.#runs.get(event.run)?.read.set(event.seq, event.items)
        return
      case "Admitted":
        return this.#admit(event.run, event.seq)
      case "CallStarted":
        return started(this.#sinks.get(event.sink), event.stream)
      case "CommitFailed":
      case "ReadFailed":
        return this.#closes(({ run }) => run === event.run)
      case "AbortRequested":
        return this.#closes(({ process }) => process === event.process)
      case "Fault":
        return this.#struck(event.fault, event.process)
      default:
        return
    }
  }

  get(sink: string): ReadySink | undefined {
    return this.#sinks.get(sink)
  }

  ofRun(run: string): ReadySink | undefined {
    return this.#sinks.ofRun(run)
  }

  *all(): IterableIterator<ReadySink> {
    for (const [, sink] of this.#sinks.entries()) yield sink
  }

  /** A stream of a sink, if it is ready. */
  stream(sink: string, name: string): ReadyStream | undefined {
    const stream = this.#sinks.get(sink)?.streams.get(name)
    return stream?.phase === "ready" ? stream : undefined
  }

  #admit(run: string, seq: number): void {
    const sink = this.#sinks.ofRun(run)
    const read = this.#runs.get(run)?.read
    const items = read?.get(seq)
    read?.delete(seq)
    if (sink === undefined || items === undefined) return
    const batch = sink.batches++
    const needs = new Map<string, Need>()
    for (const [place, item] of items.entries()) {
      const stream = streamOf(sink, item.stream)
      if (item.index < stream.position) continue
      stream.admitted?.add(item.index, item.index + 1)
      const need = needs.get(item.stream)
      if (need === undefined) {
        const { stream: name, index } = item
        needs.set(name, { stream: name, run, seq, batch, place, position: index + 1, events: 1 })
      } else {
        need.position = Math.max(need.position, item.index + 1)
        need.events++
      }
    }
    sink.newest = [...needs.values()]
    for (const need of needs.values()) {
      const stream = streamOf(sink, need.stream)
      if (stream.needs.push(need) === 1) sink.openStreams++
      sink.openEvents += need.events
    }
    for (const name of needs.keys()) becomeReady(sink, streamOf(sink, name), undefined)
    sink.justAdmitted = true
  }

  #struck(fault: string, process: string): void {
    if (harmless.has(fault)) return
    if (!reorders.has(fault)) return this.#closes((started) => started.process === process)
    for (const [started] of this.#runs.entries())
      if (started.process === process) for (const need of this.#sinks.get(started.sink)?.newest ?? []) need.place = 0
  }

  #closes(matches: (started: { readonly run: string; readonly process: string }) => boolean): void {
    for (const [started] of this.#runs.entries()) {
      const sink = matches(started) ? this.#sinks.get(started.sink) : undefined
      if (sink !== undefined) sink.closing = true
    }
  }
}

const newSink = (name: string, limit: number, isComplete: boolean): Sink => ({
  ...{ name, limit, isComplete, running: 0, calls: 0, closing: false, justAdmitted: false, ready: [] },
  ...{ streams: new Map<string, Stream>(), batches: 0, newest: [], openEvents: 0, openStreams: 0 },
})

function streamOf({ streams, isComplete }: Sink, name: string): Stream {
  const known = streams.get(name)
  if (known !== undefined) return known
  const stream: Stream = {
    ...{ needs: [], demoted: false, since: 0, allowance: 0, returnedIn: undefined, position: -1, phase: "waiting" },
    admitted: isComplete ? new IndexSet() : undefined,
  }
  streams.set(name, stream)
  return stream
}

function started(sink: Sink | undefined, name: string): void {
  if (sink === undefined) return
  const stream = streamOf(sink, name)
  isReadyNoMore(sink, stream)
  stream.phase = "busy"
  sink.running++
  sink.calls++
}

function isReadyNoMore({ ready }: Sink, { phase, needs }: Stream): void {
  if (phase === "ready") ready.splice(placeOf(ready, needs[0]!), 1)
}

function returned(sink: Sink | undefined, ended: CallEnd, turn: number | undefined): void {
  if (sink === undefined) return
  sink.running--
  sink.justAdmitted = false
  const { first, end, next, override } = ended
  if (next === undefined || (!override && !(next >= first && next <= end))) {
    sink.closing = true
    return
  }
  const stream = streamOf(sink, ended.stream)
  // A sink that makes two calls of a stream at once has one return when the other has made the stream ready.
  isReadyNoMore(sink, stream)
  advance(sink, stream, positionAfter(ended))
  stream.phase = next > first ? "waiting" : "pausing"
  if (stream.phase === "pausing") stream.demoted = stream.needs.length > 0
  else becomeReady(sink, stream, turn)
}

function advance(sink: Sink, stream: Stream, next: number | undefined): void {
  if (next === undefined || next <= stream.position) return
  stream.position = next
  const [oldest] = stream.needs
  if (oldest === undefined) return
  const unmet = stream.needs.filter((need) => need.position > next || (void (sink.openEvents -= need.events), false))
  stream.needs.splice(0, stream.needs.length, ...unmet)
  if (unmet.length === 0) sink.openStreams--
  if (unmet[0] !== oldest) stream.demoted = false
}

function becomeReady(sink: Sink, stream: Stream, returnedIn: number | undefined): void {
  const [need] = stream.needs
  if (stream.phase !== "waiting" || need === undefined) return
  if (stream.admitted?.has(Math.max(stream.position, 0)) === false) return
  stream.phase = "ready"
  stream.since = sink.calls
  // Each call that is due before handles an event of a batch that is open now; and once each stream may make no progress.
  stream.allowance = sink.openEvents + sink.openStreams
  stream.returnedIn = returnedIn
  sink.ready.splice(placeOf(sink.ready, need), 0, need)
}

/** Whether one is due before another: their batches, or their places in it, are different. */
export const isDueBefore = (a: Need, b: Need): boolean =>
  a.batch < b.batch || (a.batch === b.batch && a.place < b.place)

/** Where a need is among others, or where it belongs: behind those that are due as early. Nearly always that is the end. */
function placeOf(ready: readonly Need[], need: Need): number {
  let [low, high] = [0, ready.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isDueBefore(need, ready[middle]!)) high = middle
    else low = middle + 1
  }
  for (let at = low - 1; at >= 0 && !isDueBefore(ready[at]!, need); at--) if (ready[at] === need) return at
  return low
}
