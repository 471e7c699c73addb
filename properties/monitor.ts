import type { Happening, TraceEvent } from "../sim/trace.js"
import type { Assumed, Assumption } from "./assumption.js"

/**
 * A property as it watches a trace: events go in one by one, violations come out. Memory is bounded by what is in
 * flight. A monitor sees the trace only, never the engine.
 */
export interface Monitor {
  /** How often the property was put to the test so far. */
  readonly checked: number
  /** Takes the next event; a string names a violation of the property and what shows it. */
  observe(event: TraceEvent): string | undefined
  /** The trace is over: what never came to pass. */
  end?(): string | undefined
  /** The trace has what is to be compared with a run of the same input in which nothing goes wrong. */
  readonly hasToCompare?: boolean
  /** Both traces are over: how this one differs from the calm one in what has to be the same. */
  compare?(calm: Monitor): string | undefined
}

export type EventKind = Happening["kind"]

export interface Property {
  /** As in the specification, e.g. `I-01`. */
  readonly id: string
  readonly title: string
  /** What must hold, in one or two sentences. */
  readonly statement: string
  /** What it takes for granted, and whether it asks less or nothing where that does not hold. Default: nothing. */
  readonly assumes?: Assumed
  /** Where it asks less than its statement says, or, on purpose, other than the specification; or that it never does. */
  readonly weakened: string
  /** The kinds of event that its monitor looks at: it gets no others. Default: all. */
  readonly takes?: readonly EventKind[]
  /** @param without assumptions that do not hold; never one without which the property is not asked. */
  monitor(without: ReadonlySet<Assumption>): Monitor
}
