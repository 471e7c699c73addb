import type { TraceEvent } from "../sim/trace.js"
import type { Monitor, Property } from "./monitor.js"

/** What showed that a property does not hold. */
export interface Observation {
  readonly property: string
  readonly message: string
}

/** Watches one trace with the monitors of several properties. Of each property the first violation is kept. */
export class Watch {
  readonly #monitors: readonly (readonly [id: string, monitor: Monitor])[]
  readonly #violations = new Map<string, string>()

  constructor(properties: readonly Property[]) {
    this.#monitors = properties.map((property) => [property.id, property.monitor()])
  }

  observe(event: TraceEvent): void {
    for (const [id, monitor] of this.#monitors) {
      const message = monitor.observe(event)
      if (message !== undefined) this.#keep(id, stamped(message, event))
    }
  }

  /** The trace is over. */
  end(): void {
    for (const [id, monitor] of this.#monitors) {
      const message = monitor.end?.()
      if (message !== undefined) this.#keep(id, message)
    }
  }

  isViolated(property: string): boolean {
    return this.#violations.has(property)
  }

  get violations(): readonly Observation[] {
    return [...this.#violations].map(([property, message]) => ({ property, message }))
  }

  /** How often each property was put to the test, by id. */
  get checked(): ReadonlyMap<string, number> {
    return new Map(this.#monitors.map(([id, monitor]) => [id, monitor.checked]))
  }

  #keep(id: string, message: string): void {
    if (!this.#violations.has(id)) this.#violations.set(id, message)
  }
}

/** The first line says what, and where; others may tell more. */
function stamped(message: string, { n, t }: TraceEvent): string {
  const [what, ...more] = message.split("\n")
  return [`${what} (event ${n}, ${t} ms)`, ...more].join("\n")
}

/** Watches a recorded trace from its beginning to its end. */
export function watch(properties: readonly Property[], trace: Iterable<TraceEvent>): Watch {
  const watching = new Watch(properties)
  for (const event of trace) watching.observe(event)
  watching.end()
  return watching
}
