import type { TraceEvent } from "../sim/trace.js"
import type { Monitor, Property } from "./monitor.js"

export const sameEffects: Property = {
  id: "I-17",
  title: "Same effects",
  statement:
    "When a deployment has come to rest, what its reactions have done outside is what the same input brings about when nothing goes wrong: whatever the schedule, the pages, duplicates and crashes were.",
  weakened:
    "Asked of simulated runs whose trace has effects: each is run once more without a fault, first in, first out. A bug that shows there as well is not seen.",
  takes: ["Appended", "Effect", "Quiescent"],
  monitor: () => new SameEffects(),
}

/** Keeps what there is to see outside: each effect, or where effects are on one thing, the last of them. */
class SameEffects implements Monitor {
  checked = 0
  readonly #versions = new Map<string, number>()
  readonly #states = new Map<string, string>()
  readonly #times = new Map<string, number>()
  #isAtRest = false

  observe(event: TraceEvent): undefined {
    if (event.kind === "Appended") this.#versions.set(event.stream, event.index + 1)
    else if (event.kind === "Quiescent") this.#isAtRest = event.unsettled === undefined
    else if (event.kind === "Effect") {
      const { effect, on } = event
      if (on === undefined) this.#times.set(effect, (this.#times.get(effect) ?? 0) + 1)
      else this.#states.set(on, effect)
    }
  }

  get hasToCompare(): boolean {
    return this.#isAtRest && this.#states.size + this.#times.size > 0
  }

  compare(calm: Monitor): string | undefined {
    if (!(calm instanceof SameEffects) || !calm.#isAtRest || !hasSame(this.#versions, calm.#versions)) return undefined
    this.checked++
    return timesDiffer(this.#times, calm.#times) ?? statesDiffer(this.#states, calm.#states)
  }
}

function timesDiffer(seen: ReadonlyMap<string, number>, calm: ReadonlyMap<string, number>): string | undefined {
  for (const effect of [...calm.keys(), ...seen.keys()]) {
    const [times, expected] = [seen.get(effect) ?? 0, calm.get(effect) ?? 0]
    if (times !== expected) return `"${effect}" came about ${count(times)}, when nothing goes wrong ${count(expected)}`
  }
  return undefined
}

function statesDiffer(seen: ReadonlyMap<string, string>, calm: ReadonlyMap<string, string>): string | undefined {
  for (const on of [...calm.keys(), ...seen.keys()])
    if (seen.get(on) !== calm.get(on))
      return `${on}: in the end "${seen.get(on) ?? "nothing"}", when nothing goes wrong "${calm.get(on) ?? "nothing"}"`
  return undefined
}

const count = (times: number): string => (times === 0 ? "not at all" : times === 1 ? "once" : `${times} times`)

const hasSame = (some: ReadonlyMap<string, number>, others: ReadonlyMap<string, number>): boolean =>
  some.size === others.size && [...some].every(([key, value]) => others.get(key) === value)
