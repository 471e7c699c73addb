import type { TraceEvent, Unsettled } from "../sim/trace.js"
import { waitingText } from "../sim/waiting.js"
import type { Monitor, Property } from "./monitor.js"
import { Rest } from "./rest.js"

export const comesToRest: Property = {
  id: "I-21",
  title: "Comes to rest",
  statement:
    "When the input has ended and no more trouble comes, all batches complete, the stored position equals the last checkpoint, no call runs, and every run has found the tail.",
  assumes: { A1: "not asked", A3: "not asked" },
  weakened: "Not asked while input or trouble goes on, nor of handlers that never make progress.",
  takes: [...Rest.takes, "Quiescent"],
  monitor: () => new ComesToRest(),
}

class ComesToRest implements Monitor {
  checked = 0
  readonly #rest = new Rest()

  observe(event: TraceEvent): string | undefined {
    this.#rest.observe(event)
    if (event.kind !== "Quiescent") return undefined
    this.checked++
    const disturbance = this.#rest.disturbance()
    return event.unsettled === undefined ? disturbance : this.#standstill(disturbance, event.unsettled, event.t)
  }

  #standstill(disturbance: string | undefined, { withinMs, waiting }: Unsettled, now: number): string {
    return [
      disturbance ?? "not everything is handled that was appended, or not every consumer has read to the tail",
      `after ${withinMs} ms without more input and trouble, who waits for whom:`,
      ...this.#rest.whoWaits(now).map((line) => `  ${line}`),
      waitingText(waiting),
    ].join("\n")
  }
}
