import type { TraceEvent } from "../sim/trace.js"
import { Backlog } from "./backlog.js"
import type { Monitor, Property } from "./monitor.js"
import { covered, RunningCalls } from "./running-calls.js"
import { event as named } from "./wording.js"

export const atLeastOnce: Property = {
  id: "I-15",
  title: "At least once, no loss over restart",
  statement:
    "When the deployment has come to rest, every appended event of a group's tranches, from its origin on, lies in the processed part of a call of the group that returned, or below an override.",
  assumes: { A1: "not asked", A3: "not asked", A4: "asks less" },
  weakened:
    "Not asked of events before the group's origin, nor of a trace that does not come to rest. What lies below an override counts as handled, which it is while A4 holds.",
  takes: [...Backlog.takes, ...RunningCalls.takes, "Quiescent"],
  monitor: () => new AtLeastOnce(),
}

class AtLeastOnce implements Monitor {
  checked = 0
  #atRest = false
  readonly #running = new RunningCalls()
  readonly #unhandled = new Backlog()

  observe(event: TraceEvent): undefined {
    this.#unhandled.observe(event)
    const ended = this.#running.observe(event)
    if (ended !== undefined) this.#unhandled.cover(ended.group, ended.stream, ...covered(ended))
    if (event.kind === "Quiescent") this.#atRest = true
  }

  end(): string | undefined {
    if (!this.#atRest) return undefined
    this.checked = this.#unhandled.asked
    const lost = [...this.#unhandled.open()]
    const first = lost[0]
    if (first === undefined) return undefined
    const more = lost.length > 1 ? ` (and ${lost.length - 1} more)` : ""
    return `group ${first.group}: ${named(first)}, position ${first.pos} of ${first.tranche}, was never handled${more}`
  }
}
