import { StreamName } from "../../engine/stream-name.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import { TailingFeedSource } from "../../engine/source/tailing-feed-source.js"
import { itemOf } from "../consumer-trace.js"
import type { Adapter, Appended, EventStore, NewEvent, Opened, Session } from "./adapter.js"

type Item = readonly [StreamName, ITimelineEvent]

/** A store in memory, whose tranches are its categories: what a sink is fed from. */
class MemoryEvents {
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

/** An adapter of a sink, made a whole consumer: the source, the store and the positions are the kit's. */
export function fedSink(adapter: Adapter): Adapter {
  const open = async (session: Session): Promise<Opened> => {
    const opened = await adapter.open(session as never)
    const store = session.remote("events", () => new MemoryEvents())
    const events: EventStore = {
      append: (stream, events) => store.append(stream, events),
      read: async () => [],
    }
    return {
      events,
      source: (consumer) => {
        const { handler, maxConcurrentStreams, maxReadAhead, categories, group, edges, batchSize, ...others } = consumer
        const source = new TailingFeedSource({
          sink: edges.sink(opened.sink!({ handler, maxConcurrentStreams, maxReadAhead })),
          groupName: group,
          checkpoints: others.checkpoints,
          tailSleepIntervalMs: others.tailSleepIntervalMs,
          checkpointIntervalMs: others.checkpointIntervalMs,
          clock: session.clock,
          warn: () => undefined,
          async *crawl(category, position) {
            const items = await store.page(category, Number(position), batchSize)
            const page = { checkpoint: position + BigInt(items.length), isTail: items.length === 0 }
            const refs = items.map(([stream, event]) => itemOf(stream, event))
            edges.pageRead(category, { from: position, ...page, items: refs })
            yield { ...page, items }
          },
        })
        return { start: (signal) => source.start(categories, signal) }
      },
    }
  }
  return { ...adapter, open }
}
