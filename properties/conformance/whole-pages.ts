import { StreamName } from "../../engine/stream-name.js"
import type { ItemRef, TraceEvent } from "../../sim/trace.js"
import { LiveRuns, type RunStarted } from "../live-runs.js"
import type { Monitor, Property } from "../monitor.js"
import { event as named } from "../wording.js"

/** @param store On a DynamoStore an event may be indexed again, so it may lie elsewhere too. */
export const wholePages = (store: string): Property => ({
  id: "A3",
  title: "Pages are whole",
  statement:
    "A page holds the events of its tranche from the position where it begins up to its checkpoint, in their order: none is missing, and none lies outside. No page of a run reaches back into the one before it.",
  weakened: "On a DynamoStore an event may be indexed again, so it may lie elsewhere too.",
  takes: [...LiveRuns.takes, "Appended", "PageRead"],
  monitor: () => new WholePages(store === "dynamo-store"),
})

interface Place {
  readonly tranche: string
  readonly pos: bigint
}

interface Page {
  readonly run: RunStarted
  readonly from: bigint
  readonly checkpoint: bigint
  readonly items: readonly ItemRef[]
}

/**
 * A store may tell of its events only at the end, so pages are judged then: kept is what a history appends and reads. What
 * the members of a group leave out is the affair of the groups' rules.
 */
class WholePages implements Monitor {
  checked = 0
  readonly #mayLieElsewhere: boolean
  readonly #places = new Map<string, Place>()
  readonly #pages: Page[] = []
  /** Where the last page of each run that lives ended. */
  readonly #ends = new LiveRuns(() => ({ at: 0n }))
  readonly #runs = new LiveRuns((started) => started)

  constructor(mayLieElsewhere: boolean) {
    this.#mayLieElsewhere = mayLieElsewhere
  }

  observe(event: TraceEvent): string | undefined {
    this.#runs.observe(event)
    this.#ends.observe(event)
    if (event.kind === "Appended") this.#places.set(named(event), { tranche: event.tranche, pos: event.pos })
    if (event.kind !== "PageRead") return undefined
    const run = this.#runs.get(event.run)
    const end = this.#ends.get(event.run)
    if (run === undefined || end === undefined) return undefined
    const page = { ...event, run }
    this.#pages.push(page)
    const before = end.at
    end.at = event.checkpoint
    return event.from < before ? `${pageText(page)} begins before ${before}, where the one before it ended` : undefined
  }

  end(): string | undefined {
    const tranches = inOrder(this.#places)
    for (const page of this.#pages) {
      const wrong = this.#strayIn(page) ?? this.#missingIn(page, tranches.get(page.run.tranche) ?? [])
      if (wrong !== undefined) return wrong
    }
    return undefined
  }

  #strayIn(page: Page): string | undefined {
    if (this.#mayLieElsewhere) return undefined
    let last: bigint | undefined
    for (const item of page.items) {
      const pos = this.#places.get(named(item))?.pos
      if (pos === undefined) continue
      this.checked++
      if (pos < page.from || pos >= page.checkpoint) return `${pageText(page)} has ${named(item)}, which is at ${pos}`
      if (last !== undefined && pos < last)
        return `${pageText(page)} has ${named(item)} of ${pos} after an event of ${last}`
      last = pos
    }
    return undefined
  }

  #missingIn(page: Page, places: readonly (readonly [event: string, pos: bigint])[]): string | undefined {
    const { run, from, checkpoint, items } = page
    if (run.member !== undefined) return undefined
    const read = new Set(items.map(named))
    const { categories } = run
    const isAsked = (event: string) => categories === undefined || categories.includes(StreamName.category(event))
    for (let i = firstAt(places, from); i < places.length && places[i]![1] < checkpoint; i++) {
      const [event, pos] = places[i]!
      if (!isAsked(event)) continue
      this.checked++
      if (!read.has(event)) return `${pageText(page)} lacks ${event}, which is at ${pos}`
    }
    return undefined
  }
}

const pageText = ({ run, from, checkpoint }: Page) => `${run.run}: the page from ${from} up to ${checkpoint}`

function inOrder(places: ReadonlyMap<string, Place>): ReadonlyMap<string, readonly (readonly [string, bigint])[]> {
  const tranches = new Map<string, (readonly [string, bigint])[]>()
  for (const [event, { tranche, pos }] of places) {
    const known = tranches.get(tranche)
    if (known === undefined) tranches.set(tranche, [[event, pos]])
    else known.push([event, pos])
  }
  for (const events of tranches.values()) events.sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0))
  return tranches
}

/** Where the first event at or after a position stands. */
function firstAt(places: readonly (readonly [string, bigint])[], from: bigint): number {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (places[middle]![1] < from) low = middle + 1
    else high = middle
  }
  return low
}
