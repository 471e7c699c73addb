import type { ICheckpoints } from "../../engine/checkpoints.js"
import { TailingFeedSource } from "../../engine/source/tailing-feed-source.js"
import { itemOf } from "../consumer-trace.js"
import { MemoryEvents, type Order } from "./memory-events.js"
import type { Adapter, EventStore, Opened, Session } from "./adapter.js"

/** Whoever requires complete streams has to be fed them from their beginning: nothing that was stored counts. */
const fromTheBeginning: ICheckpoints = {
  load: async () => 0n,
  commit: async (_group, _tranche, position) => position,
}

/**
 * An adapter of a sink, made a whole consumer: the source, the store and the positions are the kit's.
 * @param order `late`: for a sink that requires complete streams.
 */
export function fedSink(adapter: Adapter, order: Order): Adapter {
  const open = async (session: Session): Promise<Opened> => {
    const opened = await adapter.open(session as never)
    const store = session.remote("events", () => new MemoryEvents(order))
    const events: EventStore = {
      append: (stream, events) => store.append(stream, events),
      read: async () => [],
    }
    return {
      events,
      ...(order === "late" && { checkpoints: fromTheBeginning }),
      ...(opened.close && { close: () => opened.close!() }),
      source: (consumer) => {
        const { handler, maxConcurrentStreams, maxReadAhead, categories, group, edges, batchSize, ...others } = consumer
        const { requireCompleteStreams = false } = others
        const limits = { maxConcurrentStreams, maxReadAhead, ...(requireCompleteStreams && { requireCompleteStreams }) }
        const source = new TailingFeedSource({
          sink: edges.sink(opened.sink!({ handler, ...limits })),
          groupName: group,
          checkpoints: others.checkpoints,
          tailSleepIntervalMs: others.tailSleepIntervalMs,
          checkpointIntervalMs: others.checkpointIntervalMs,
          clock: session.clock,
          random: session.random,
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
  return { ...adapter, capabilities: [...adapter.capabilities, "pages"], open }
}
