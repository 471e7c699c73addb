import type { ItemRef, TraceEvent } from "../sim/trace.js"
import { LiveRuns, type RunStarted } from "./live-runs.js"
import type { Monitor, Property } from "./monitor.js"
import { event as named } from "./wording.js"

export const disjointMembers: Property = {
  id: "I-28",
  title: "Members are disjoint",
  statement: "In a consumer group of one size each stream is read by one member only. Not asked across sizes.",
  weakened: "While members of different sizes live together, each size is asked by itself.",
  takes: [...LiveRuns.takes, "PageRead"],
  monitor: () => new DisjointMembers(),
}

/** Keeps the member of every stream that a group has read, for each size of the group. */
class DisjointMembers implements Monitor {
  checked = 0
  readonly #runs = new LiveRuns((started) => started)
  readonly #groups = new Map<string, Map<string, number>>()

  observe(event: TraceEvent): string | undefined {
    this.#runs.observe(event)
    if (event.kind !== "PageRead") return undefined
    const run = this.#runs.get(event.run)
    return run?.member === undefined ? undefined : this.#read(run, run.member, event.items)
  }

  #read({ run, group, size }: RunStarted, member: number, items: readonly ItemRef[]): string | undefined {
    const key = `${group}/${size}`
    const owners = this.#groups.get(key) ?? new Map<string, number>()
    this.#groups.set(key, owners)
    let violation: string | undefined
    for (const item of items) {
      this.checked++
      const owner = owners.get(item.stream)
      if (owner === undefined) owners.set(item.stream, member)
      else if (owner !== member)
        violation ??= `${run}: member ${member} of ${size} read ${named(item)}, but member ${owner} of ${size} reads ${item.stream}`
    }
    return violation
  }
}
