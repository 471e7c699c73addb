import { groupHash } from "../../stores/message-db/fake/stream-hash.js"
import type { ItemRef, TraceEvent } from "../../sim/trace.js"
import { LiveRuns, type RunStarted } from "../live-runs.js"
import { LiveSinks } from "../live-sinks.js"
import type { Monitor, Property } from "../monitor.js"
import { event as named } from "../wording.js"

export const membersOfMessageDb: Property = {
  id: "message-db 2.2",
  title: "Members as Message DB has them",
  statement:
    "Member m of n reads and handles the streams for which |hash_64(cardinal id)| mod n is m: the same ones as any other client of the store.",
  weakened: "Not asked of an adapter that divides streams in another way.",
  takes: [...LiveSinks.takes, "PageRead", "CallStarted"],
  monitor: () => new MembersOfMessageDb(),
}

/** Keeps who the runs and sinks are that live. */
class MembersOfMessageDb implements Monitor {
  checked = 0
  readonly #runs = new LiveRuns((started) => started)
  readonly #sinks = new LiveSinks((started) => started)

  observe(event: TraceEvent): string | undefined {
    this.#runs.observe(event)
    this.#sinks.observe(event)
    if (event.kind === "PageRead") return this.#judge(this.#runs.get(event.run), "reads", event.items)
    if (event.kind === "CallStarted") return this.#judge(this.#sinks.get(event.sink), "handles", event.items)
    return undefined
  }

  #judge(started: RunStarted | undefined, does: string, items: readonly ItemRef[]): string | undefined {
    const { run, member, size } = started ?? {}
    if (member === undefined || size === undefined) return undefined
    for (const item of items) {
      this.checked++
      const hash = groupHash(item.stream)
      const owner = hash === null ? undefined : Number(hash % BigInt(size))
      if (owner !== member)
        return `${run}: member ${member} of ${size} ${does} ${named(item)}, which is ${owner === undefined ? "no member's" : `member ${owner}'s`}`
    }
    return undefined
  }
}
