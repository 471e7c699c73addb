import type { TraceEvent } from "../../sim/trace.js"

/** How it stands at one moment. */
export interface Sample {
  /** Milliseconds since the beginning. */
  readonly t: number
  readonly appended: number
  readonly handled: number
  /** The most that any one consumer held in memory since the last sample, in bytes. */
  readonly memory: number
}

/** Counts what happens. Memory follows the number of streams, not of events. */
export class SoakTally {
  appended = 0
  handled = 0
  redelivered = 0
  /** Events that were handled although one before them in their stream was not. */
  outOfOrder = 0
  calls = 0
  commits = 0
  peakMemory = 0
  readonly faults: Record<string, number> = {}
  /** Of each stream, the first index that was never handled. */
  readonly #next = new Map<string, number>()
  #memory = 0

  observe(event: TraceEvent): void {
    switch (event.kind) {
      case "Appended":
        this.appended++
        return
      case "CallStarted":
        this.calls++
        return
      case "CallReturned":
        return this.#handledUpTo(
          event.stream,
          event.items.map(({ index }) => index).filter((index) => index < event.next),
        )
      case "CommitDone":
        this.commits++
        return
      case "Fault":
        this.faults[event.fault] = (this.faults[event.fault] ?? 0) + 1
        return
      case "Probe":
        if (event.of !== "rss") return
        this.#memory = Math.max(this.#memory, event.count)
        this.peakMemory = Math.max(this.peakMemory, event.count)
        return
      default:
        return
    }
  }

  sample(t: number): Sample {
    const memory = this.#memory
    this.#memory = 0
    return { t, appended: this.appended, handled: this.handled, memory }
  }

  #handledUpTo(stream: string, indexes: readonly number[]): void {
    const known = this.#next.get(stream) ?? 0
    let next = known
    for (const index of indexes) {
      if (index < known) this.redelivered++
      else this.handled++
      if (index > next) this.outOfOrder++
      next = Math.max(next, index + 1)
    }
    this.#next.set(stream, Math.max(known, (indexes.at(-1) ?? -1) + 1))
  }
}
