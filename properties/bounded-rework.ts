import type { ItemRef, TraceEvent } from "../sim/trace.js"
import { IndexSet } from "./index-set.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"
import { type CallStarted, covered, RunningCalls } from "./running-calls.js"
import { event as named } from "./wording.js"

export const boundedRework: Property = {
  id: "I-16",
  title: "Bounded rework",
  statement:
    "An event that its group has handled is delivered again only by a run that loaded a position at or below the event's own: after a clean stop, that is only what is in batches that were not complete.",
  weakened:
    "What the feed itself holds twice may come again from its later place. Of events that lie below all stored positions it is only known that they do.",
  takes: [...RunningCalls.takes, "Appended", "AppendedAgain", "Loaded", "CommitDone", "Override"],
  monitor: () => new BoundedRework(),
}

interface Rework {
  readonly call: number
  readonly sink: string
  readonly item: ItemRef
  readonly loaded: ReadonlyMap<string, bigint>
}

/**
 * Kept are the positions of events that lie above the lowest stored one, one position per checkpoint key, and which indexes
 * of each stream a group has handled: one interval unless it has gaps. A real store tells the positions only at the end, so
 * events that come again before theirs is known are judged then.
 */
class BoundedRework implements Monitor {
  checked = 0
  readonly #running = new RunningCalls()
  readonly #groups = new LiveSinks(({ group }) => ({ group, loaded: new Map<string, bigint>() }))
  readonly #handled = new Map<string, IndexSet>()
  readonly #tranches = new Map<string, Positions>()
  readonly #stored = new Map<string, Map<string, bigint>>()
  #unknown: Rework[] = []

  observe(event: TraceEvent): string | undefined {
    this.#groups.observe(event)
    const ended = this.#running.observe(event)
    if (ended !== undefined) this.#handledOf(ended.group, ended.stream).add(...covered(ended))
    switch (event.kind) {
      case "Appended":
      case "AppendedAgain":
        this.#positionsOf(event.tranche).put(event, event.pos)
        return undefined
      case "Loaded":
        this.#begins(event.run, event.tranche, event.position)
        this.#store(event.group, event.tranche, event.position)
        return undefined
      case "CommitDone":
        this.#store(event.group, event.tranche, event.stored ?? event.position)
        return undefined
      case "Override":
        this.#store(event.group, event.tranche, event.position)
        return undefined
      case "CallStarted":
        return this.#started(event)
      default:
        return undefined
    }
  }

  /** Whoever looks at the stored position again later, e.g. to learn how far others are, does not begin anew. */
  #begins(run: string, tranche: string, position: bigint): void {
    const loaded = this.#groups.ofRun(run)?.loaded
    if (loaded?.has(tranche) === false) loaded.set(tranche, position)
  }

  end(): string | undefined {
    const unknown = this.#unknown
    this.#unknown = []
    for (const rework of unknown) {
      const message = this.#judge(rework)
      if (message !== undefined) return message
    }
    return undefined
  }

  #started({ sink, call, stream, items }: CallStarted): string | undefined {
    const { group, loaded } = this.#groups.get(sink) ?? {}
    const handled = group === undefined ? undefined : this.#handled.get(`${group} ${stream}`)
    if (handled === undefined || loaded === undefined) return undefined
    let message: string | undefined
    for (const item of items) if (handled.has(item.index)) message ??= this.#judge({ call, sink, item, loaded })
    return message
  }

  #judge(rework: Rework): string | undefined {
    const { sink, call, item, loaded } = rework
    for (const [tranche, position] of loaded) {
      const pos = this.#tranches.get(tranche)?.of(item)
      if (pos === undefined) continue
      this.checked++
      if (pos >= position) return undefined
      return `${sink}: call #${call} delivers ${named(item)} again, which was handled and lies below ${position} in ${tranche}, where the run began`
    }
    this.#unknown.push(rework)
    return undefined
  }

  #store(key: string, tranche: string, position: bigint): void {
    let keys = this.#stored.get(tranche)
    if (keys === undefined) this.#stored.set(tranche, (keys = new Map<string, bigint>()))
    keys.set(key, position)
    const lowest = [...keys.values()].reduce((a, b) => (a < b ? a : b))
    this.#positionsOf(tranche).forgetBelow(lowest)
  }

  #positionsOf(tranche: string): Positions {
    let positions = this.#tranches.get(tranche)
    if (positions === undefined) this.#tranches.set(tranche, (positions = new Positions()))
    return positions
  }

  #handledOf(group: string, stream: string): IndexSet {
    const key = `${group} ${stream}`
    let handled = this.#handled.get(key)
    if (handled === undefined) this.#handled.set(key, (handled = new IndexSet()))
    return handled
  }
}

type Ref = Pick<ItemRef, "stream" | "index">

/** The last place of each event of a tranche; of those that are forgotten, that it was below a position. */
class Positions {
  readonly #known = new Map<string, { readonly ref: Ref; readonly pos: bigint }>()
  readonly #forgotten = new Map<string, IndexSet>()
  #below = 0n

  put({ stream, index }: Ref, pos: bigint): void {
    const ref = { stream, index }
    // To the end, so that they stay in the order of their positions.
    this.#known.delete(named(ref))
    this.#known.set(named(ref), { ref, pos })
  }

  of(ref: Ref): bigint | undefined {
    const known = this.#known.get(named(ref))
    if (known !== undefined) return known.pos
    return this.#forgotten.get(ref.stream)?.has(ref.index) === true ? this.#below - 1n : undefined
  }

  forgetBelow(position: bigint): void {
    if (position <= this.#below) return
    this.#below = position
    for (const [name, { ref, pos }] of this.#known) {
      if (pos >= position) return
      this.#known.delete(name)
      let forgotten = this.#forgotten.get(ref.stream)
      if (forgotten === undefined) this.#forgotten.set(ref.stream, (forgotten = new IndexSet()))
      forgotten.add(ref.index, ref.index + 1)
    }
  }
}
