import type { TraceEvent } from "../../sim/trace.js"
import type { Trace } from "../../sim/trace-recorder.js"
import type { Monitor, Property } from "../monitor.js"

/** What a history itself puts to the test, by comparing an answer with what it did before. */
interface DirectProperty extends Pick<Property, "title" | "statement"> {
  /** Unique in its profile: what a history judges under. */
  readonly name: string
  /** What it goes back to. */
  readonly from: string
}

/** A property that watches for the judgements of a history. */
export const judged = ({ name, from, ...texts }: DirectProperty): Property => ({
  ...texts,
  id: from,
  weakened: "Never.",
  takes: ["Judged"],
  monitor: () => new Judgements(name),
})

/** Says whether something held, and if not, what shows it. */
export type Judge = (name: string, broken: string | undefined) => void

export const judging =
  (trace: Pick<Trace, "emit">): Judge =>
  (rule, broken) =>
    trace.emit({ kind: "Judged", rule, ...(broken !== undefined && { broken }) })

class Judgements implements Monitor {
  checked = 0
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  observe(event: TraceEvent): string | undefined {
    if (event.kind !== "Judged" || event.rule !== this.#name) return undefined
    this.checked++
    return event.broken
  }
}
