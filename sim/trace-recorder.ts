import type { Happening, TraceEvent } from "./trace.js"

/** Collects what happens, stamps it and passes it on. */
export interface Trace {
  emit(happening: Happening): void
  /** Adds a listener that gets every later event, synchronously and in order. */
  subscribe(listener: (event: TraceEvent) => void): void
  /** Digest of everything emitted so far and of every choice of the scheduler: equal for equal histories. */
  hash(): string
  /** How many events were emitted. */
  readonly length: number
}
