import type { TraceEvent } from "../sim/trace.js"

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
}

export interface Property {
  /** As in the specification, e.g. `I-01`. */
  readonly id: string
  readonly title: string
  /** What must hold, in one or two sentences. */
  readonly statement: string
  monitor(): Monitor
}
