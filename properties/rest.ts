import type { Happening, TraceEvent } from "../sim/trace.js"
import { LiveRuns, type RunStarted } from "./live-runs.js"
import { LiveSinks } from "./live-sinks.js"
import { OpenBatches } from "./open-batches.js"
import { event as named } from "./wording.js"

interface Run {
  /** When it loaded its position. */
  loaded: number | undefined
  /** The position up to which it read last, and when. */
  read: { readonly position: bigint; readonly t: number } | undefined
  /** The last page was not the tail. */
  reading: boolean
  /** The newest checkpoint that was earned: of the last completed page, or of an empty one after it. */
  earned: bigint
  stored: bigint
  /** Since when a position is being written. */
  writing: number | undefined
}

interface Call {
  readonly stream: string
  readonly since: number
}

const shown = 8

/** Says what still goes on in a deployment. Kept are the batches and calls in progress, and what each run did last. */
export class Rest {
  static readonly takes = [
    ...OpenBatches.takes,
    ...(["Completed", "Loaded", "CommitStarted", "CommitDone", "CommitFailed"] as const),
  ] as const
  readonly #batches = new OpenBatches()
  readonly #runs = new LiveRuns((): Run => ({
    loaded: undefined,
    read: undefined,
    reading: false,
    earned: 0n,
    stored: 0n,
    writing: undefined,
  }))
  readonly #calls = new LiveSinks(() => new Map<number, Call>())

  observe(event: TraceEvent): void {
    this.#runs.observe(event)
    this.#calls.observe(event)
    this.#batches.observe(event)
    switch (event.kind) {
      case "CallStarted":
        this.#calls.get(event.sink)?.set(event.call, { stream: event.stream, since: event.t })
        return
      case "CallReturned":
      case "CallThrew":
        this.#calls.get(event.sink)?.delete(event.call)
        return
      case "Completed":
        this.#batches.complete(event.run, event.seq)
        raise(this.#runs.get(event.run), "earned", event.checkpoint)
        return
      case "PageRead":
        return this.#read(event, event.t)
      case "Loaded":
      case "CommitStarted":
      case "CommitDone":
      case "CommitFailed":
        return this.#checkpoint(event, event.t)
      default:
        return
    }
  }

  /** What disturbs the rest; undefined when nothing does. */
  disturbance(): string | undefined {
    for (const batch of this.#batches.all()) {
      const open = this.#batches.firstOpen(batch)
      const why = open === undefined ? "though all its events are handled" : `${named(open)} is not handled`
      return `${batch.run}: at rest batch #${batch.seq} is not complete, ${why}`
    }
    for (const [sink, calls] of this.#calls.entries())
      for (const [call, { stream }] of calls) return `${sink}: at rest call #${call} of ${stream} still runs`
    for (const [{ run }, { reading, earned, stored }] of this.#runs.entries()) {
      if (stored < earned) return `${run}: at rest the stored position is ${stored}, the last checkpoint ${earned}`
      if (reading) return `${run}: at rest the run does not find the tail`
    }
    return undefined
  }

  /** Who waits for whom, run by run: a batch for an event, an event for a call, a position for its write. */
  whoWaits(now: number): readonly string[] {
    const lines = [...this.#runs.entries()].flatMap(([started, run]) => this.#waitsOf(started, run, now))
    return lines.length > shown ? [...lines.slice(0, shown), `… ${lines.length - shown} more`] : lines
  }

  #waitsOf(started: RunStarted, run: Run, now: number): readonly string[] {
    const { run: name, maxReadAhead = Infinity } = started
    if (run.loaded === undefined) return [`${name} waits for its stored position`]
    const open = this.#batches.of(name) ?? []
    const [oldest] = open
    if (oldest === undefined) return positionWaits(name, run, now)
    const waits = `${name} waits for batch #${oldest.seq}${open.length < maxReadAhead ? "" : " before it reads on"}`
    const event = this.#batches.firstOpen(oldest)
    if (event === undefined) return [`${waits}, which waits for nothing: all its events are handled`]
    return [`${waits}, and that for ${named(event)}`, this.#callOf(event, started, now)]
  }

  /** Why an event is not handled. */
  #callOf(
    event: { readonly stream: string; readonly index: number },
    { run, maxConcurrentStreams }: RunStarted,
    now: number,
  ) {
    const calls = [...(this.#calls.ofRun(run) ?? [])]
    const text = (number: number, { since }: Call) => `call #${number}, which has run for ${now - since} ms`
    const own = calls.find(([, { stream }]) => stream === event.stream)
    if (own !== undefined) return `${named(event)} waits for ${text(...own)}`
    const [oldest] = calls
    if (oldest !== undefined && calls.length === maxConcurrentStreams)
      return `${named(event)} waits for its turn: ${calls.length} of ${maxConcurrentStreams} run, the oldest is ${text(...oldest)}`
    return `${named(event)} waits for a call that nobody makes: ${calls.length} of ${maxConcurrentStreams ?? "any number"} run`
  }

  #read({ run: name, items, checkpoint, isTail }: Extract<Happening, { kind: "PageRead" }>, t: number): void {
    const run = this.#runs.get(name)
    if (run === undefined) return
    run.reading = !isTail
    run.read = { position: checkpoint, t }
    if (items.length === 0 && this.#batches.of(name)?.length === 0) raise(run, "earned", checkpoint)
  }

  #checkpoint(
    event: Extract<Happening, { kind: "Loaded" | "CommitStarted" | "CommitDone" | "CommitFailed" }>,
    t: number,
  ): void {
    const run = this.#runs.get(event.run)
    if (run === undefined) return
    run.writing = event.kind === "CommitStarted" ? t : undefined
    if (event.kind === "Loaded") {
      run.loaded = t
      raise(run, "stored", event.position)
    } else if (event.kind === "CommitDone") raise(run, "stored", event.stored ?? event.position)
  }
}

/** What a run waits for all whose batches are complete. */
function positionWaits(name: string, { earned, stored, writing, read, loaded }: Run, now: number): readonly string[] {
  const write =
    stored >= earned
      ? []
      : writing === undefined
        ? [`${name} has position ${earned} to store, and does not write it`]
        : [`${name} waits for the write of its position, under way for ${now - writing} ms`]
  const last =
    read === undefined
      ? `${name} has read nothing since it loaded its position ${now - loaded!} ms ago`
      : `${name} has read up to position ${read.position}, the last time ${now - read.t} ms ago`
  return [...write, last]
}

function raise(run: Run | undefined, what: "earned" | "stored", position: bigint): void {
  if (run !== undefined && position > run[what]) run[what] = position
}
