import type { TraceEvent } from "../sim/trace.js"
import type { Monitor, Property } from "./monitor.js"
import { OpenBatches } from "./open-batches.js"
import { event as named } from "./wording.js"

export const completionIsEarned: Property = {
  id: "I-08",
  title: "Completion is earned",
  statement: "A batch completes only when every one of its events lies below the write position of its stream.",
  assumes: { A4: "asks less" },
  weakened: "What lies below an override counts as handled, which it is while A4 holds.",
  takes: [...OpenBatches.takes, "Completed"],
  monitor: () => new CompletionIsEarned(),
}

class CompletionIsEarned implements Monitor {
  checked = 0
  readonly #batches = new OpenBatches()

  observe(event: TraceEvent): string | undefined {
    this.#batches.observe(event)
    if (event.kind !== "Completed") return undefined
    const batch = this.#batches.complete(event.run, event.seq)
    if (batch === undefined) return undefined
    this.checked++
    if (batch.unmet === 0) return undefined
    const open = this.#batches.firstOpen(batch)
    const what = open === undefined ? `${batch.unmet} of its streams` : named(open)
    return `${event.run}: batch #${event.seq} (checkpoint ${event.checkpoint}) completed, but ${what} is not handled`
  }
}
