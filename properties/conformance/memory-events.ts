import { StreamName } from "../../engine/stream-name.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import type { Appended, NewEvent } from "./adapter.js"

type Item = readonly [StreamName, ITimelineEvent]

/** A store in memory, whose tranches are its categories: what a sink is fed from. */
export class MemoryEvents {
  readonly #categories = new Map<string, Item[]>()
  readonly #versions = new Map<string, number>()

  async append(stream: string, events: readonly NewEvent[]): Promise<Appended> {
    const name = StreamName.parse(stream)
    const log = this.#log(StreamName.category(name))
    const index = this.#versions.get(stream) ?? 0
    this.#versions.set(stream, index + events.length)
    const positions = events.map(({ id, type, data }, n) => {
      log.push([
        name,
        { id, type, data, time: new Date(0), index: BigInt(index + n), isUnfold: false, size: data.length },
      ])
      return BigInt(log.length - 1)
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
