import type { Happening, TraceEvent } from "../sim/trace.js"
import { LiveRuns } from "./live-runs.js"
import type { Monitor, Property } from "./monitor.js"

export const checkpointLiveness: Property = {
  id: "I-13",
  title: "Checkpoint liveness",
  statement:
    "As long as a run reads on and its writes succeed, the checkpoint of its newest complete batch, or of an empty page after it, is being written within checkpointIntervalMs of when it came about, or of the end of the write before it; unless the run has learned that as much is stored.",
  weakened:
    "A second is allowed on top, for a machine that is busy. Not asked of runs whose trace does not tell the interval, of those that have failed or were asked to stop, and of processes while they are paused or whose clock is off.",
  takes: [
    ...LiveRuns.takes,
    ...(["Loaded", "PageRead", "Completed", "CommitStarted", "CommitDone", "CommitFailed", "CallThrew"] as const),
    ...(["ReadFailed", "AbortRequested", "Fault", "Resumed", "Quiescent"] as const),
  ],
  monitor: () => new CheckpointLiveness(),
}

/** The clock of the trace and that of the process need not be one, and timers of a busy machine are late. */
const graceMs = 1_000

interface Page {
  readonly seq: number
  readonly checkpoint: bigint
  done: boolean
}

interface Run {
  readonly intervalMs: number | undefined
  /** From the oldest one that is not done. */
  readonly pages: Page[]
  /** The newest checkpoint that came about or that the run learned to be stored. */
  newest: bigint | undefined
  /** The newest checkpoint that came about and is not being written, and since when it waits. */
  waiting: { readonly position: bigint; since: number } | undefined
  isWriting: boolean
  excused: boolean
}

/** May hold a checkpoint back: the run may be at its end, or its process may stand still. */
const holdsBack = (fault: string): boolean => !["delay", "duplicates", "reordersStreams", "pause"].includes(fault)

/** Keeps the pages in progress. */
class CheckpointLiveness implements Monitor {
  checked = 0
  /** Processes whose clock is off. */
  readonly #off = new Set<string>()
  readonly #paused = new Set<string>()
  readonly #runs = new LiveRuns(({ checkpointIntervalMs: intervalMs, process }): Run => ({
    ...{
      intervalMs,
      pages: [],
      newest: undefined,
      waiting: undefined,
      isWriting: false,
      excused: this.#off.has(process),
    },
  }))

  observe(event: TraceEvent): string | undefined {
    this.#runs.observe(event)
    switch (event.kind) {
      case "Loaded":
        this.#learned(event.run, event.position)
        return undefined
      case "PageRead":
        return this.#read(event, event.t)
      case "Completed":
        this.#completed(event, event.t)
        return undefined
      case "CommitStarted":
        return this.#writes(event, event.t)
      case "CommitDone":
      case "CommitFailed":
        this.#wrote(event, event.t)
        return undefined
      case "Quiescent":
        return this.#atRest(event.t)
      case "Resumed":
        this.#resumed(event.process, event.t)
        return undefined
      default:
        this.#excuse(event)
        return undefined
    }
  }

  #read(
    { run: name, seq, checkpoint, items }: Extract<Happening, { kind: "PageRead" }>,
    t: number,
  ): string | undefined {
    const run = this.#runs.get(name)
    if (run === undefined) return undefined
    const late = this.#late(name, run, t)
    const last = run.pages.at(-1)
    if (items.length > 0) run.pages.push({ seq, checkpoint, done: false })
    else if (last === undefined) comeAbout(run, checkpoint, t)
    // It is stored together with the page before it.
    else run.pages[run.pages.length - 1] = { ...last, checkpoint }
    return late
  }

  #completed({ run: name, seq }: Extract<Happening, { kind: "Completed" }>, t: number): void {
    const run = this.#runs.get(name)
    const page = run?.pages.find((candidate) => candidate.seq === seq)
    if (run === undefined || page === undefined) return
    page.done = true
    while (run.pages[0]?.done === true) comeAbout(run, run.pages.shift()!.checkpoint, t)
  }

  #writes({ run: name, position }: Extract<Happening, { kind: "CommitStarted" }>, t: number): string | undefined {
    const run = this.#runs.get(name)
    if (run === undefined) return undefined
    const late = this.#late(name, run, t)
    if (run.waiting !== undefined && position >= run.waiting.position) run.waiting = undefined
    run.isWriting = true
    return late
  }

  #wrote(event: Extract<Happening, { kind: "CommitDone" | "CommitFailed" }>, t: number): void {
    const run = this.#runs.get(event.run)
    if (run === undefined) return
    run.isWriting = false
    if (run.waiting !== undefined) run.waiting.since = t
    if (event.kind === "CommitFailed") run.excused = true
    else if (event.stored !== undefined) this.#learned(event.run, event.stored)
  }

  /** Another instance may have stored as much: nothing below it need be written. */
  #learned(name: string, stored: bigint): void {
    const run = this.#runs.get(name)
    if (run === undefined) return
    if (run.newest === undefined || stored > run.newest) run.newest = stored
    if (run.waiting !== undefined && run.waiting.position <= stored) run.waiting = undefined
  }

  #late(name: string, { intervalMs, waiting, isWriting, excused }: Run, t: number): string | undefined {
    if (intervalMs === undefined || waiting === undefined || isWriting || excused) return undefined
    if (this.#paused.has(this.#runs.started(name)!.process)) return undefined
    this.checked++
    const waits = t - waiting.since
    if (waits <= intervalMs + graceMs) return undefined
    return `${name}: checkpoint ${waiting.position} has waited to be written for ${waits} ms, since ${waiting.since} ms, where the interval is ${intervalMs} ms`
  }

  #atRest(t: number): string | undefined {
    for (const [{ run: name }, run] of this.#runs.entries()) {
      const late = this.#late(name, run, t)
      if (late !== undefined) return late
    }
    return undefined
  }

  /** It is given its time anew. */
  #resumed(process: string, t: number): void {
    this.#paused.delete(process)
    for (const [started, { waiting }] of this.#runs.entries())
      if (started.process === process && waiting !== undefined) waiting.since = t
  }

  #excuse(event: TraceEvent): void {
    if (event.kind === "Fault" && event.fault === "pause") this.#paused.add(event.process)
    if (event.kind === "Fault" && /clock/i.test(event.fault)) this.#off.add(event.process)
    if (event.kind === "Crashed") {
      this.#off.delete(event.process)
      this.#paused.delete(event.process)
    }
    for (const [{ run, sink, process }, state] of this.#runs.entries()) {
      if (event.kind === "ReadFailed") state.excused ||= event.run === run
      else if (event.kind === "CallThrew") state.excused ||= event.sink === sink
      else if (event.kind === "AbortRequested") state.excused ||= event.process === process
      else if (event.kind === "Fault") state.excused ||= event.process === process && holdsBack(event.fault)
    }
  }
}

function comeAbout(run: Run, position: bigint, t: number): void {
  if (run.newest === undefined || position <= run.newest) return
  run.newest = position
  run.waiting = { position, since: run.waiting?.since ?? t }
}
