import type { Happening, TraceEvent } from "../sim/trace.js"
import { LiveRuns } from "./live-runs.js"
import { LiveSinks } from "./live-sinks.js"

type Of<K extends Happening["kind"]> = Extract<Happening, { kind: K }>

/**
 * Work that is begun by whoever was asked to stop, or has ended. The read that was in progress when it was asked may still
 * bring its page. Kept are who was asked, and of each process what ended last.
 */
export class LateWork {
  static readonly takes = [
    ...LiveRuns.takes,
    "AbortRequested",
    "CallStarted",
    "PageRead",
    "Completed",
    "CommitStarted",
  ] as const
  readonly #runs = new LiveRuns(() => ({ latePages: 0 }))
  readonly #sinks = new LiveSinks(({ process }) => ({ process }))
  readonly #asked = new Set<string>()
  readonly #over = new Map<string, { readonly sink: string; readonly runs: Set<string> }>()

  /** Answers what is wrong with it. */
  observe(event: TraceEvent): string | undefined {
    if (event.kind === "RunEnded") this.#ends(event)
    this.#runs.observe(event)
    this.#sinks.observe(event)
    switch (event.kind) {
      case "AbortRequested":
        this.#asked.add(event.process)
        return undefined
      case "Crashed":
        this.#asked.delete(event.process)
        this.#over.delete(event.process)
        return undefined
      case "CallStarted":
        return this.#called(event)
      case "PageRead":
        return this.#read(event)
      case "Completed":
        return this.#afterTheEnd(event.run, `page #${event.seq} completes`)
      case "CommitStarted":
        return this.#afterTheEnd(event.run, `position ${event.position} is written`)
      default:
        return undefined
    }
  }

  #ends({ run }: Of<"RunEnded">): void {
    const { process, sink } = this.#runs.started(run) ?? {}
    if (process === undefined || sink === undefined) return
    const before = this.#over.get(process)
    if (before?.sink === sink) before.runs.add(run)
    else this.#over.set(process, { sink, runs: new Set([run]) })
  }

  #called({ sink, call, stream }: Of<"CallStarted">): string | undefined {
    const live = this.#sinks.get(sink)
    if (live !== undefined)
      return this.#asked.has(live.process)
        ? `${sink}: call #${call} of ${stream} starts, though it was asked to stop`
        : undefined
    for (const over of this.#over.values())
      if (over.sink === sink) return `${sink}: call #${call} of ${stream} starts, though its run has ended`
    return undefined
  }

  #read({ run, seq }: Of<"PageRead">): string | undefined {
    const process = this.#runs.started(run)?.process
    const state = this.#runs.get(run)
    if (process === undefined || state === undefined || !this.#asked.has(process) || ++state.latePages < 2)
      return undefined
    return `${run}: page #${seq} is read, though it was asked to stop before it had read the one before`
  }

  #afterTheEnd(run: string, what: string): string | undefined {
    if (this.#runs.get(run) !== undefined) return undefined
    for (const over of this.#over.values()) if (over.runs.has(run)) return `${run}: ${what}, though the run has ended`
    return undefined
  }
}
