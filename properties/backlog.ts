import { StreamName } from "../engine/stream-name.js"
import type { Happening, TraceEvent } from "../sim/trace.js"
import { IndexSet } from "./index-set.js"
import { LiveRuns } from "./live-runs.js"

/** An appended event that a group has not covered. */
export interface OpenEvent {
  readonly group: string
  readonly tranche: string
  readonly stream: string
  readonly index: number
  readonly pos: bigint
}

/** The categories that a group reads of a tranche; undefined: all. */
type Share = ReadonlySet<string> | undefined

interface Entry {
  readonly index: number
  readonly pos: bigint
}

interface Tranche {
  readonly groups: Map<string, Share>
  readonly streams: Map<string, Entry[]>
  /** How many events, by category. */
  readonly appended: Map<string, number>
}

/**
 * What was appended to the tranches that each group consumes and not yet covered by it; "covered" is what the owner
 * says it is, e.g. handled, or read. Events may be appended after they were covered: a real store tells its content
 * only at the end.
 *
 * Not asked for: events before a group's origin (the position that its first load answered, with nothing stored by
 * anyone before), and events that every group known so far had covered before another group appeared.
 *
 * Kept are the events that are not covered, and per group and stream which indexes are: one interval unless it has gaps.
 */
export class Backlog {
  static readonly takes = [...LiveRuns.takes, "Appended", "Loaded", "CommitDone", "Override"] as const
  readonly #tranches = new Map<string, Tranche>()
  readonly #trancheOf = new Map<string, Tranche>()
  readonly #covered = new Map<string, Map<string, IndexSet>>()
  readonly #groupOf = new LiveRuns(({ group }) => group)
  readonly #origins = new Map<string, bigint>()
  readonly #knownKeys = new Set<string>()

  observe(event: TraceEvent): void {
    this.#groupOf.observe(event)
    switch (event.kind) {
      case "Appended":
        return this.#append(event)
      case "RunStarted":
        this.#tranche(event.tranche).groups.set(event.group, event.categories && new Set(event.categories))
        return
      case "Loaded":
        return this.#loaded(event)
      case "CommitDone":
      case "Override":
        this.#knownKeys.add(`${event.group} ${event.tranche}`)
        return
      default:
        return
    }
  }

  cover(group: string, stream: string, from: number, to: number): void {
    this.#coveredBy(group, stream).add(from, to)
    const tranche = this.#trancheOf.get(stream)
    const open = tranche?.streams.get(stream)
    if (tranche === undefined || open === undefined) return
    const covered = readersOf(tranche, stream).map((name) => this.#coveredBy(name, stream))
    let done = 0
    while (done < open.length && covered.every((set) => set.has(open[done]!.index))) done++
    if (done === open.length) tranche.streams.delete(stream)
    else if (done > 0) open.splice(0, done)
  }

  isCovered(group: string, stream: string, index: number): boolean {
    return this.#covered.get(group)?.get(stream)?.has(index) ?? false
  }

  /** Whether an event is asked of a group no more: it is covered, or known to lie before the group's origin. */
  isSettled(group: string, stream: string, index: number): boolean {
    if (this.isCovered(group, stream, index)) return true
    for (const [tranche, { streams }] of this.#tranches) {
      const entry = streams.get(stream)?.find((candidate) => candidate.index === index)
      if (entry !== undefined) return entry.pos < this.#originOf(group, tranche)
    }
    return false
  }

  /** How many pairs of an appended event and a group that should cover it there are. */
  get asked(): number {
    let sum = 0
    for (const { appended, groups } of this.#tranches.values())
      for (const share of groups.values())
        for (const [category, n] of appended) if (share?.has(category) ?? true) sum += n
    return sum
  }

  *open(): IterableIterator<OpenEvent> {
    for (const [tranche, { groups, streams }] of this.#tranches)
      for (const [group, share] of groups)
        for (const [stream, entries] of streams) {
          if (!isIn(share, stream)) continue
          for (const { index, pos } of entries) {
            if (pos < this.#originOf(group, tranche) || this.isCovered(group, stream, index)) continue
            yield { group, tranche, stream, index, pos }
          }
        }
  }

  #append({ stream, index, tranche: name, pos }: Extract<Happening, { kind: "Appended" }>): void {
    const tranche = this.#tranche(name)
    const category = StreamName.category(stream)
    tranche.appended.set(category, (tranche.appended.get(category) ?? 0) + 1)
    this.#trancheOf.set(stream, tranche)
    const { streams } = tranche
    const readers = readersOf(tranche, stream)
    if (readers.length > 0 && readers.every((group) => this.isCovered(group, stream, index))) return
    const open = streams.get(stream)
    if (open === undefined) streams.set(stream, [{ index, pos }])
    else open.push({ index, pos })
  }

  #loaded({ run, group: key, tranche, position }: Extract<Happening, { kind: "Loaded" }>): void {
    const first = !this.#knownKeys.has(`${key} ${tranche}`)
    this.#knownKeys.add(`${key} ${tranche}`)
    const group = this.#groupOf.get(run)
    if (!first || group === undefined) return
    if (position > this.#originOf(group, tranche)) this.#origins.set(`${group} ${tranche}`, position)
  }

  #originOf(group: string, tranche: string): bigint {
    return this.#origins.get(`${group} ${tranche}`) ?? 0n
  }

  #tranche(name: string): Tranche {
    const known = this.#tranches.get(name)
    if (known !== undefined) return known
    const tranche: Tranche = { groups: new Map(), streams: new Map(), appended: new Map() }
    this.#tranches.set(name, tranche)
    return tranche
  }

  #coveredBy(group: string, stream: string): IndexSet {
    let streams = this.#covered.get(group)
    if (streams === undefined) this.#covered.set(group, (streams = new Map<string, IndexSet>()))
    let set = streams.get(stream)
    if (set === undefined) streams.set(stream, (set = new IndexSet()))
    return set
  }
}

const isIn = (share: Share, stream: string): boolean => share?.has(StreamName.category(stream)) ?? true

/** The groups that read a stream. */
const readersOf = ({ groups }: Tranche, stream: string): string[] =>
  [...groups].filter(([, share]) => isIn(share, stream)).map(([group]) => group)
