import type { TraceEvent } from "../sim/trace.js"
import { type Assumed, type Assumption, broken, isAsked } from "./assumption.js"
import type { EventKind, Monitor, Property } from "./monitor.js"

/** What showed that a property does not hold. */
export interface Observation {
  readonly property: string
  readonly message: string
}

export interface WatchOptions {
  /** Assumptions that the trace breaks. Default: none. */
  readonly without?: readonly Assumption[]
}

interface Watcher {
  readonly property: Property
  readonly monitor: Monitor
}

/**
 * Watches one trace with the monitors of several properties. Of each property the first violation is kept. An event goes
 * to the monitors that take its kind, and to no others.
 */
export class Watch {
  readonly #watchers: readonly Watcher[]
  readonly #takers = new Map<EventKind, readonly Watcher[]>()
  #rest: number | undefined
  readonly #violations = new Map<string, { readonly message: string; readonly n: number | undefined }>()
  /** What of the properties' assumptions the trace breaks, and what becomes of them: only the properties that it concerns. */
  readonly weakened: ReadonlyMap<string, Assumed>

  constructor(properties: readonly Property[], { without = [] }: WatchOptions = {}) {
    this.weakened = weakenedBy(properties, without)
    const missing = new Set(without)
    this.#watchers = properties
      .filter(({ id }) => isAsked(this.weakened.get(id)))
      .map((property) => ({ property, monitor: property.monitor(missing) }))
  }

  observe(event: TraceEvent): void {
    if (event.kind === "Quiescent") this.#rest ??= event.n
    for (const { property, monitor } of this.#takersOf(event.kind)) {
      const message = monitor.observe(event)
      if (message !== undefined) this.#keep(property.id, stamped(message, event), event.n)
    }
  }

  /** The trace is over. */
  end(): void {
    for (const { property, monitor } of this.#watchers) {
      const message = monitor.end?.()
      if (message !== undefined) this.#keep(property.id, message)
    }
  }

  /** Whether there is something to compare with a run of the same input in which nothing goes wrong. */
  get hasToCompare(): boolean {
    return this.#watchers.some(({ monitor }) => monitor.hasToCompare === true)
  }

  /** @param calm watched that run, for the same properties. */
  compare(calm: Watch): void {
    this.#watchers.forEach(({ property, monitor }, at) => {
      const message = monitor.compare?.(calm.#watchers[at]!.monitor)
      if (message !== undefined) this.#keep(property.id, message)
    })
  }

  isViolated(property: string): boolean {
    return this.#violations.has(property)
  }

  get violations(): readonly Observation[] {
    return [...this.#violations].map(([property, { message }]) => ({ property, message }))
  }

  /**
   * The number of the event that showed the first violation of a property. What only the end of the trace shows was so when the
   * deployment came to rest, or should have; undefined where it never did, and where nothing is violated.
   */
  eventOf(property: string): number | undefined {
    const violation = this.#violations.get(property)
    return violation && (violation.n ?? this.#rest)
  }

  /** How often each property was put to the test, by id. One that is not asked is not in it. */
  get checked(): ReadonlyMap<string, number> {
    return new Map(this.#watchers.map(({ property, monitor }) => [property.id, monitor.checked]))
  }

  #takersOf(kind: EventKind): readonly Watcher[] {
    const known = this.#takers.get(kind)
    if (known !== undefined) return known
    const takers = this.#watchers.filter(({ property: { takes } }) => takes?.includes(kind) ?? true)
    this.#takers.set(kind, takers)
    return takers
  }

  #keep(id: string, message: string, n?: number): void {
    if (!this.#violations.has(id)) this.#violations.set(id, { message, n })
  }
}

/** By id, the properties that rest on one of these assumptions: which, and what becomes of them without. */
export function weakenedBy(
  properties: readonly Pick<Property, "id" | "assumes">[],
  without: readonly Assumption[],
): ReadonlyMap<string, Assumed> {
  const weakened = new Map<string, Assumed>()
  for (const { id, assumes = {} } of properties) {
    const missing = broken(assumes, without)
    if (missing !== undefined) weakened.set(id, missing)
  }
  return weakened
}

/** The first line says what, and where; others may tell more. */
function stamped(message: string, { n, t }: TraceEvent): string {
  const [what, ...more] = message.split("\n")
  return [`${what} (event ${n}, ${t} ms)`, ...more].join("\n")
}

/** Watches a recorded trace from its beginning to its end. */
export function watch(properties: readonly Property[], trace: Iterable<TraceEvent>, options: WatchOptions = {}): Watch {
  const watching = new Watch(properties, options)
  for (const event of trace) watching.observe(event)
  watching.end()
  return watching
}
