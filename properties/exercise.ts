/*
 * What one run exercised: how often each thing came about that makes a run worth more than another one, as far as its
 * trace shows it. Nothing is judged here.
 *
 * Invariants: every name that is to be expected on the store is counted, if only with 0; a call counts for a name once. Kept is
 * what is in flight; per live sink, the pages of the events that are read and not handled; and for all time, one
 * position per stream of a group, one start per tranche of a group and one ending per consumer of a process.
 */
import type { Happening, ItemRef, TraceEvent } from "../sim/trace.js"
import { EpochPosition } from "../stores/dynamo-store/index/epoch-position.js"
import { type ExerciseName, exerciseNames } from "./exercises.js"
import { LiveRuns, type RunStarted } from "./live-runs.js"
import { LiveSinks } from "./live-sinks.js"
import { OpenBatches } from "./open-batches.js"
import type { StoreKind } from "./scenario.js"

type Of<Kind> = Extract<Happening, { kind: Kind }>

interface Sink {
  readonly name: string
  readonly started: RunStarted
  readonly place: string
  /** The calls that run. */
  readonly calls: Map<number, Span>
  readonly feeds: Map<string, Feed>
}

interface Span {
  readonly stream: string
  readonly first: number
  readonly end: number
}

/** What a sink was fed of a stream. */
interface Feed {
  /** One more than the highest index that was read. */
  end: number
  /** The first index of each page that is not handled yet, ascending; the first page may be partly handled. */
  readonly pages: number[]
}

interface Run {
  complete: bigint
  stored: bigint
  /** Positions that are being written. */
  writes: number
  /** A read has failed, and nothing was read since. */
  isMisread: boolean
}

/** How far a stream was given to a group, and by which sink. */
interface Given {
  end: number
  sink: string
}

type Ending = "crash" | "failure" | "stop"

export class Exercise {
  readonly #counts: Map<string, number>
  readonly #isIndexed: boolean
  readonly #sinks = new LiveSinks((started): Sink => {
    const place = placeOf(started)
    return { name: started.sink, started, place, calls: new Map(), feeds: new Map() }
  })
  readonly #runs = new LiveRuns((): Run => ({ complete: 0n, stored: 0n, writes: 0, isMisread: false }))
  readonly #batches = new OpenBatches(({ run, seq }) => {
    if (this.#batches.of(run)?.[0]?.seq !== seq) this.#note("batch waits for an older one")
  })
  readonly #given = new Map<string, Map<string, Given>>()
  /** The sink that was started last for a tranche of a group, or for the part of it that a member reads. */
  readonly #newest = new Map<string, string>()
  readonly #sizes = new Map<string, number>()
  readonly #endings = new Map<string, Ending>()

  /** @param on The store of the run: what it cannot exercise is not counted. */
  constructor(on: StoreKind) {
    this.#isIndexed = on === "dynamo-store"
    this.#counts = new Map(exerciseNames(on).map((name) => [name, 0]))
  }

  /** How often so far, by name. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  observe(event: TraceEvent): void {
    this.#before(event)
    this.#sinks.observe(event)
    this.#runs.observe(event)
    this.#batches.observe(event)
    this.#after(event)
  }

  /** While whatever ends with the event still lives. */
  #before(event: TraceEvent): void {
    switch (event.kind) {
      case "RunStarted":
        return this.#started(event)
      case "RunEnded":
        return this.#ended(this.#runs.started(event.run), event.outcome === "ok" ? "stop" : "failure")
      case "Crashed":
        return this.#crashed(event.process)
      case "AbortRequested":
        if (this.#callsOf(event.process)) this.#note("stop in a call")
        return
      default:
        return
    }
  }

  #after(event: TraceEvent): void {
    switch (event.kind) {
      case "Fault":
        return this.#note(`fault ${event.fault}`)
      case "ReadFailed":
        return this.#misread(event)
      case "PageRead":
        return this.#read(event)
      case "Admitted":
        return this.#admitted(event)
      case "CallStarted":
        return this.#called(event)
      case "CallReturned":
        return this.#returned(event)
      case "CallThrew":
        this.#sinks.get(event.sink)?.calls.delete(event.call)
        return this.#note("handler failed")
      case "Completed":
        return this.#completed(event)
      case "Loaded":
      case "CommitStarted":
      case "CommitDone":
      case "CommitFailed":
        return this.#checkpoint(event)
      case "Override":
        return this.#note("position moved")
      default:
        return
    }
  }

  #started(started: RunStarted): void {
    const { sink, size } = started
    const place = placeOf(started)
    const newest = this.#newest.get(place)
    this.#newest.set(place, sink)
    if (newest !== undefined && newest !== sink && this.#sinks.get(newest) !== undefined) this.#note("two instances")
    // A sink is started once, however many tranches it reads.
    if (this.#sinks.get(sink) !== undefined) return
    const ending = this.#endings.get(consumerOf(started))
    if (ending !== undefined) this.#note(`restart after a ${ending}`)
    if (size !== undefined) this.#grouped(started, size)
  }

  #grouped({ group, tranche }: RunStarted, size: number): void {
    const key = `${group} ${tranche}`
    const before = this.#sizes.get(key) ?? size
    this.#sizes.set(key, size)
    this.#note(`group of ${size}`)
    if (before !== size) this.#note("resize")
  }

  #ended(started: RunStarted | undefined, ending: Ending): void {
    if (started === undefined) return
    this.#endings.set(consumerOf(started), ending)
    if (ending !== "crash" && this.#sinks.ofRun(started.run)!.calls.size > 0) this.#note("call left behind")
  }

  #crashed(process: string): void {
    if (this.#callsOf(process)) this.#note("crash in a call")
    for (const [started, { complete, stored, writes }] of this.#runs.entries()) {
      if (started.process !== process) continue
      this.#ended(started, "crash")
      if (complete > stored) this.#note("crash before a checkpoint")
      if (writes > 0) this.#note("crash in a checkpoint")
    }
  }

  #callsOf(process: string): boolean {
    for (const [, { started, calls }] of this.#sinks.entries())
      if (started.process === process && calls.size > 0) return true
    return false
  }

  #misread({ run: name, class: failureClass }: Of<"ReadFailed">): void {
    const run = this.#runs.get(name)
    if (run === undefined || failureClass !== "transient") return
    run.isMisread = true
    this.#note("read failed")
  }

  #readAgain(name: string): void {
    const run = this.#runs.get(name)
    if (run?.isMisread !== true) return
    run.isMisread = false
    this.#note("read repeated")
  }

  #read({ run, from, checkpoint, isTail, items }: Of<"PageRead">): void {
    this.#readAgain(run)
    const sink = this.#sinks.ofRun(run)
    if (sink === undefined) return
    if (sink.calls.size > 0) this.#note("page during a call")
    if (items.length === 0 && checkpoint > from && !isTail) this.#note("page without events")
    if (this.#isIndexed && epochOf(checkpoint) > epochOf(from)) this.#note("epoch crossed")
    this.#feed(sink.feeds, items)
  }

  #feed(feeds: Map<string, Feed>, items: readonly ItemRef[]): void {
    const inPage = new Set<string>()
    for (const { stream, index } of items) {
      const feed = feeds.get(stream)
      if (feed === undefined) feeds.set(stream, { end: index + 1, pages: [index] })
      else if (index < feed.end) this.#note("repeated in a feed")
      else {
        if (index > feed.end) this.#note("gap in a feed")
        if (!inPage.has(stream)) feed.pages.push(index)
        feed.end = index + 1
      }
      inPage.add(stream)
    }
  }

  #admitted({ run }: Of<"Admitted">): void {
    const most = this.#runs.started(run)?.maxReadAhead
    if (this.#batches.of(run)?.length === most) this.#note("read-ahead full")
  }

  #called({ sink: name, call, stream, first, count }: Of<"CallStarted">): void {
    const sink = this.#sinks.get(name)
    if (sink === undefined) return
    if (hasOther(sink.calls, stream)) this.#note("calls at once")
    if (this.#runsElsewhere(sink.started)) this.#note("processes at once")
    if (this.#newest.get(sink.place) !== name) this.#note("zombie")
    if (count > 1) this.#note("several events")
    const end = first + count
    if (sink.feeds.get(stream)?.pages.some((page) => page > first && page < end)) this.#note("several pages")
    sink.calls.set(call, { stream, first, end })
    this.#give(sink, stream, first, end)
  }

  #runsElsewhere({ group, process }: RunStarted): boolean {
    for (const [, { started, calls }] of this.#sinks.entries())
      if (calls.size > 0 && started.group === group && started.process !== process) return true
    return false
  }

  #give({ name, started }: Sink, stream: string, first: number, end: number): void {
    const given = this.#givenTo(started.group, stream)
    if (first > given.end) this.#note("gap")
    if (first < given.end && given.sink !== name)
      this.#note(this.#sinks.get(given.sink) === undefined ? "redelivery" : "redelivery by two")
    if (end > given.end) Object.assign(given, { end, sink: name })
  }

  #returned({ sink: name, call, result, next }: Of<"CallReturned">): void {
    const sink = this.#sinks.get(name)
    const span = sink?.calls.get(call)
    if (sink === undefined || span === undefined) return
    const { stream, first, end } = span
    sink.calls.delete(call)
    const isOverride = result.startsWith("OverrideNextIndex")
    // A result that does not fit its span is an error of the handler, after which nothing counts as handled.
    if (!isOverride && next > end) return
    this.#note(next > first || isOverride ? "handled" : "no progress")
    if (isOverride) this.#overridden(sink, stream, end, next)
    else if (next > first && next < end) this.#note("partial result")
    // A page stays as long as it has an event that is to come.
    const pages = sink.feeds.get(stream)?.pages ?? []
    while (pages.length > 1 && pages[1]! <= next) pages.shift()
  }

  #overridden({ name, started }: Sink, stream: string, end: number, next: number): void {
    this.#note("override")
    if (next <= end) return
    this.#note("override ahead")
    const given = this.#givenTo(started.group, stream)
    if (next > given.end) Object.assign(given, { end: next, sink: name })
  }

  #completed({ run: name, seq, checkpoint }: Of<"Completed">): void {
    this.#batches.complete(name, seq)
    const run = this.#runs.get(name)
    if (run !== undefined && checkpoint > run.complete) run.complete = checkpoint
  }

  #checkpoint(event: Of<"Loaded" | "CommitStarted" | "CommitDone" | "CommitFailed">): void {
    const run = this.#runs.get(event.run)
    if (run === undefined) return
    if (event.kind === "CommitStarted") run.writes++
    else if (event.kind === "CommitDone" || event.kind === "CommitFailed") run.writes--
    if (event.kind === "CommitFailed") return this.#note("checkpoint failed")
    if (event.kind === "CommitStarted") return
    const stored = event.kind === "Loaded" ? event.position : (event.stored ?? event.position)
    run.stored = stored
    if (event.kind === "Loaded") return this.#readAgain(event.run)
    this.#note("checkpoint stored")
    if (stored > event.position) this.#note("checkpoint outrun")
  }

  #givenTo(group: string, stream: string): Given {
    let streams = this.#given.get(group)
    if (streams === undefined) this.#given.set(group, (streams = new Map<string, Given>()))
    let given = streams.get(stream)
    if (given === undefined) streams.set(stream, (given = { end: 0, sink: "" }))
    return given
  }

  #note(name: ExerciseName): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }
}

const epochOf = (position: bigint): bigint => position / EpochPosition.eventsPerEpoch

/** What a run reads, and with whom it competes for it. */
const placeOf = ({ group, member, tranche }: RunStarted): string =>
  member === undefined ? `${group} ${tranche}` : `${group}-${member} ${tranche}`

/** A consumer of a process, whichever incarnation. */
const consumerOf = ({ process, group }: RunStarted): string => `${process.slice(0, process.lastIndexOf("#"))} ${group}`

function hasOther(calls: ReadonlyMap<number, Span>, stream: string): boolean {
  for (const other of calls.values()) if (other.stream !== stream) return true
  return false
}
