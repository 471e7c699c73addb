import { StreamName } from "../../engine/stream-name.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import type { Appended, NewEvent } from "./adapter.js"

type Item = readonly [StreamName, ITimelineEvent]

/** `late`: the first event of an append stands behind the others of it. */
export type Order = "as appended" | "late"

/** A store in memory, whose tranches are its categories: what a sink is fed from. */
export class MemoryEvents {
  readonly #order: Order
  readonly #categories = new Map<string, Item[]>()
  readonly #versions = new Map<string, number>()

  constructor(order: Order = "as appended") {
    this.#order = order
  }

  async append(stream: string, events: readonly NewEvent[]): Promise<Appended> {
    const name = StreamName.parse(stream)
    const log = this.#log(StreamName.category(name))
    const index = this.#versions.get(stream) ?? 0
    this.#versions.set(stream, index + events.length)
    const begin = log.length
    const shift = this.#order === "late" ? events.length - 1 : 0
    const positions = events.map(({ id, type, data }, n) => {
      const place = begin + ((n + shift) % events.length)
      log[place] = [
        name,
        { id, type, data, time: new Date(0), index: BigInt(index + n), isUnfold: false, size: data.length },
      ]
      return BigInt(place)
    })
    return { kind: "appended", index, positions }
  }

  async page(category: string, from: number, most: number): Promise<readonly Item[]> {
    return this.#log(category).slice(from, from + most)
  }

  #log(category: string): Item[] {
    const known = this.#categories.get(category) ?? []
    this.#categories.set(category, known)
    return known
  }
}
