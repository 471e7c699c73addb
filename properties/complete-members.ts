import type { Happening, TraceEvent } from "../sim/trace.js"
import { Backlog } from "./backlog.js"
import { LiveRuns } from "./live-runs.js"
import type { Monitor, Property } from "./monitor.js"
import { event as named } from "./wording.js"

export const completeMembers: Property = {
  id: "I-29",
  title: "Members are complete",
  statement:
    "The pages of a group's members together hold every event of its tranches; each member has a checkpoint key of its own. A consumer without a group is a group of one.",
  assumes: { A3: "not asked" },
  weakened: "Not asked of events before the group's origin, nor of a trace that does not come to rest.",
  takes: [...Backlog.takes, "PageRead", "CommitStarted", "Quiescent"],
  monitor: () => new CompleteMembers(),
}

type KeyUse = Extract<Happening, { kind: "Loaded" | "CommitStarted" }>

/** Keeps the events that nobody read, which indexes of each stream were read, and who uses which checkpoint key. */
class CompleteMembers implements Monitor {
  checked = 0
  #atRest = false
  readonly #runs = new LiveRuns((started) => started)
  readonly #unread = new Backlog()
  readonly #keys = new Map<string, string>()

  observe(event: TraceEvent): string | undefined {
    this.#runs.observe(event)
    this.#unread.observe(event)
    switch (event.kind) {
      case "PageRead":
        for (const { stream, index } of event.items) this.#read(event.run, stream, index)
        return undefined
      case "Loaded":
      case "CommitStarted":
        return this.#uses(event)
      case "Quiescent":
        this.#atRest = true
        return undefined
      default:
        return undefined
    }
  }

  end(): string | undefined {
    if (!this.#atRest) return undefined
    this.checked += this.#unread.asked
    const unread = [...this.#unread.open()]
    const first = unread[0]
    if (first === undefined) return undefined
    const more = unread.length > 1 ? ` (and ${unread.length - 1} more)` : ""
    return `group ${first.group}: ${named(first)}, position ${first.pos} of ${first.tranche}, was read by no member${more}`
  }

  #read(run: string, stream: string, index: number): void {
    const started = this.#runs.get(run)
    if (started !== undefined) this.#unread.cover(started.group, stream, index, index + 1)
  }

  #uses({ run, group: key, tranche }: KeyUse): string | undefined {
    const started = this.#runs.get(run)
    if (started === undefined) return undefined
    this.checked++
    const { group, member } = started
    const user = member === undefined ? `group ${group}` : `member ${member} of group ${group}`
    const owner = this.#keys.get(`${key} ${tranche}`)
    if (owner === undefined) this.#keys.set(`${key} ${tranche}`, user)
    if (owner === undefined || owner === user) return undefined
    return `${run}: ${user} uses the checkpoint key (${key}, ${tranche}), which is that of ${owner}`
  }
}
