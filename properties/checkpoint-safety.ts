import type { Happening, ItemRef, TraceEvent } from "../sim/trace.js"
import { Backlog } from "./backlog.js"
import { LiveRuns, type RunStarted } from "./live-runs.js"
import type { Monitor, Property } from "./monitor.js"
import { covered, RunningCalls } from "./running-calls.js"
import { event as named } from "./wording.js"

export const checkpointSafety: Property = {
  id: "I-10",
  title: "Checkpoint safety",
  statement:
    "When a checkpoint is written, every event of the tranche, and of the member's share of it, at a lower position is handled, from the group's origin on.",
  assumes: { A1: "not asked", A3: "asks less", A4: "asks less" },
  weakened:
    "Not asked of events before the group's origin. Without A3 only of events that were read. What lies below an override counts as handled, which it is while A4 holds.",
  takes: [...Backlog.takes, ...RunningCalls.takes, "PageRead", "CommitStarted"],
  monitor: (without) => new CheckpointSafety(!without.has("A3")),
}

interface Page {
  readonly seq: number
  readonly checkpoint: bigint
  readonly items: readonly ItemRef[]
}

type Keyed = Extract<Happening, { kind: "Loaded" | "CommitDone" | "Override" }>

/** Who reads a tranche for a group: the checkpoint key of each member of the size that was started last. */
interface Readers {
  size: number
  readonly keys: Map<number, string>
}

/**
 * Two questions. At each write: are all events of the pages below the position handled? At the end, because a real
 * store tells only then what was appended: has a position passed an event that nobody handled, say because it was in
 * no page? A stream's member is not known here, so that one is asked of the lowest position of the group's members.
 *
 * Kept are the pages between the last write and the newest read, beside what the backlog keeps.
 */
class CheckpointSafety implements Monitor {
  checked = 0
  readonly #asksUnread: boolean
  readonly #running = new RunningCalls()
  readonly #unhandled = new Backlog()
  readonly #runs = new LiveRuns((started) => ({ started, pages: [] as Page[] }))
  readonly #readers = new Map<string, Readers>()
  readonly #stored = new Map<string, bigint>()

  constructor(asksUnread: boolean) {
    this.#asksUnread = asksUnread
  }

  observe(event: TraceEvent): string | undefined {
    this.#runs.observe(event)
    this.#unhandled.observe(event)
    const ended = this.#running.observe(event)
    if (ended !== undefined) this.#unhandled.cover(ended.group, ended.stream, ...covered(ended))
    switch (event.kind) {
      case "PageRead":
        if (event.items.length > 0) this.#runs.get(event.run)?.pages.push(event)
        return undefined
      case "CommitStarted":
        return this.#committing(event.run, event.position)
      case "Loaded":
        this.#reads(event)
        this.#nowStored(event)
        return undefined
      case "CommitDone":
      case "Override":
        this.#nowStored(event)
        return undefined
      default:
        return undefined
    }
  }

  end(): string | undefined {
    if (!this.#asksUnread) return undefined
    for (const open of this.#unhandled.open()) {
      const position = this.#lowestOf(`${open.group} ${open.tranche}`)
      if (position !== undefined && open.pos < position)
        return `group ${open.group}: ${named(open)}, position ${open.pos} of ${open.tranche}, is not handled, but the stored checkpoint is ${position}`
    }
    return undefined
  }

  #committing(name: string, position: bigint): string | undefined {
    const run = this.#runs.get(name)
    if (run === undefined) return undefined
    this.checked++
    const { started, pages } = run
    const below = pages.filter((page) => page.checkpoint <= position)
    run.pages.splice(0, pages.length, ...pages.filter((page) => page.checkpoint > position))
    for (const { seq, items } of below) {
      const open = items.find(({ stream, index }) => !this.#unhandled.isSettled(started.group, stream, index))
      if (open !== undefined)
        return `${name}: checkpoint ${position} is written, but ${named(open)} of page #${seq} is not handled`
    }
    return undefined
  }

  #reads({ run, group: key, tranche }: Extract<Happening, { kind: "Loaded" }>): void {
    const started = this.#runs.get(run)?.started
    if (started === undefined) return
    const { member, size } = placeOf(started)
    let readers = this.#readers.get(`${started.group} ${tranche}`)
    if (readers?.size !== size) readers = { size, keys: new Map() }
    this.#readers.set(`${started.group} ${tranche}`, readers)
    readers.keys.set(member, `${key} ${tranche}`)
  }

  #nowStored(event: Keyed): void {
    const position = event.kind === "CommitDone" ? (event.stored ?? event.position) : event.position
    const key = `${event.group} ${event.tranche}`
    const known = this.#stored.get(key) ?? 0n
    this.#stored.set(key, event.kind === "Override" || position > known ? position : known)
  }

  /** Undefined while a member was never seen. */
  #lowestOf(groupAndTranche: string): bigint | undefined {
    const readers = this.#readers.get(groupAndTranche)
    if (readers === undefined || readers.keys.size < readers.size) return undefined
    const positions = [...readers.keys.values()].map((key) => this.#stored.get(key) ?? 0n)
    return positions.reduce((lowest, position) => (position < lowest ? position : lowest))
  }
}

const placeOf = ({ member = 0, size = 1 }: RunStarted): { member: number; size: number } => ({ member, size })
