import type { TraceEvent } from "../sim/trace.js"
import { LiveRuns, type RunStarted } from "./live-runs.js"
import type { Monitor, Property } from "./monitor.js"
import { OpenBatches } from "./open-batches.js"

export const completionInOrder: Property = {
  id: "I-09",
  title: "Completion in order, once, promptly",
  statement:
    "In each run the completed batches are a prefix of the admitted ones, in order, each once; a batch completes in the same turn in which its last event, and those of all older batches, became handled.",
  weakened:
    "Promptness is not asked of runs that have failed or were asked to stop: which results still count is for their end to say.",
  takes: [...OpenBatches.takes, "Completed", "CommitFailed", "AbortRequested", "Fault", "Quiescent"],
  monitor: () => new CompletionInOrder(),
}

interface Run {
  readonly started: RunStarted
  lastCompleted: number | undefined
  /** The oldest batch is handled and has not completed; `reported` when that was said already. */
  due: { readonly seq: number; reported: boolean } | undefined
  /** A failure or a stop was seen: which results still count is then for the end of the run to say. */
  ending: boolean
}

/**
 * "In the same turn" is judged when the run's next page arrives, or when the deployment has come to rest: neither can
 * happen in the turn in which a call returned.
 */
class CompletionInOrder implements Monitor {
  checked = 0
  readonly #runs = new LiveRuns((started): Run => ({
    started,
    lastCompleted: undefined,
    due: undefined,
    ending: false,
  }))
  readonly #batches = new OpenBatches(({ run }) => this.#lookAtOldest(run))

  observe(event: TraceEvent): string | undefined {
    this.#runs.observe(event)
    if (event.kind === "PageRead") {
      const late = this.#late(event.run)
      this.#batches.observe(event)
      return late
    }
    this.#batches.observe(event)
    switch (event.kind) {
      case "Completed":
        return this.#completed(event)
      case "CallThrew":
        this.#ends(({ sink }) => sink === event.sink)
        return undefined
      case "CommitFailed":
        this.#ends(({ run }) => run === event.run)
        return undefined
      case "AbortRequested":
        this.#ends(({ process }) => process === event.process)
        return undefined
      case "Fault":
        if (event.fault !== "delay") this.#ends(({ process }) => process === event.process)
        return undefined
      case "Quiescent":
        return this.#atRest()
      default:
        return undefined
    }
  }

  #completed({ run, seq }: Extract<TraceEvent, { kind: "Completed" }>): string | undefined {
    const state = this.#runs.get(run)
    const open = this.#batches.of(run)
    if (state === undefined || open === undefined) return undefined
    this.checked++
    const oldest = open[0]?.seq
    const last = state.lastCompleted
    const known = this.#batches.complete(run, seq) !== undefined
    state.lastCompleted = Math.max(seq, last ?? seq)
    state.due = undefined
    this.#lookAtOldest(run)
    if (!known && last !== undefined && seq <= last) return `${run}: batch #${seq} completed a second time`
    if (!known) return `${run}: batch #${seq} completed, but was never admitted`
    if (oldest !== seq) return `${run}: batch #${seq} completed before batch #${oldest}, which is older`
    return undefined
  }

  #lookAtOldest(run: string): void {
    const state = this.#runs.get(run)
    const oldest = this.#batches.of(run)?.[0]
    if (state === undefined || oldest === undefined || oldest.items === undefined || oldest.unmet > 0) return
    if (state.due?.seq !== oldest.seq) state.due = { seq: oldest.seq, reported: false }
  }

  #late(run: string): string | undefined {
    const state = this.#runs.get(run)
    if (state?.due === undefined || state.due.reported || state.ending) return undefined
    state.due.reported = true
    return `${run}: all events of batch #${state.due.seq}, the oldest, are handled, and it has not completed`
  }

  #atRest(): string | undefined {
    for (const state of this.#runs.values()) {
      const late = this.#late(state.started.run)
      if (late !== undefined) return late
    }
    return undefined
  }

  #ends(matches: (started: RunStarted) => boolean): void {
    for (const [started, state] of this.#runs.entries()) if (matches(started)) state.ending = true
  }
}
