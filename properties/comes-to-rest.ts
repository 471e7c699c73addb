import type { TraceEvent } from "../sim/trace.js"
import type { Monitor, Property } from "./monitor.js"
import { Rest } from "./rest.js"

export const comesToRest: Property = {
  id: "I-21",
  title: "Comes to rest",
  statement:
    "When the input has ended and no more trouble comes, all batches complete, the stored position equals the last checkpoint, no call runs, and every run has found the tail.",
  monitor: () => new ComesToRest(),
}

class ComesToRest implements Monitor {
  checked = 0
  readonly #rest = new Rest()

  observe(event: TraceEvent): string | undefined {
    this.#rest.observe(event)
    if (event.kind !== "Quiescent") return undefined
    this.checked++
    return this.#rest.disturbance()
  }
}
