import type { Adapter, EventStore } from "equinox-windtunnel"
import { DynamoStoreClient, DynamoStoreContext, EventsContext, MemoryCache } from "equinox-windtunnel/dynamo-store"
import { DynamoCheckpoints, DynamoStoreSource, LoadMode } from "equinox-windtunnel/dynamo-store-source"
import { StreamsSink } from "equinox-windtunnel/propeller"
import manifest from "equinox-windtunnel/package.json" with { type: "json" }

const warn = () => undefined
const attempts = 5

/** This package's own source, sink, checkpoints and streams on the tables of a DynamoStore. */
export default {
  name: "equinox-windtunnel on DynamoStore",
  version: manifest.version,
  store: "dynamo-store",
  time: "virtual",
  profiles: ["source", "checkpoints", "sink", "event-store"],
  capabilities: [
    ...(["pages", "batches", "positions", "origin", "one call per stream", "read-ahead", "concurrency"] as const),
    ...(["prompt", "fair", "checkpoint interval"] as const),
    ...(["partial results", "complete streams", "drain", "compare positions", "expected version"] as const),
  ],
  open({ client, tables, clock, random }) {
    const contextOf = (tableName: string, reader = client) =>
      new DynamoStoreContext({ client: new DynamoStoreClient(reader), tableName, clock, random, warn })
    const cache = new MemoryCache({ clock })
    return {
      checkpoints: DynamoCheckpoints.create(contextOf(tables.index), cache, 1),
      events: eventStore(new EventsContext(contextOf(tables.events))),
      sink: (options) => StreamsSink.create({ ...options, clock, warn }),
      source: ({ group, categories, edges, handler, maxConcurrentStreams, maxReadAhead, ...reading }) => {
        const seen = edges.client(client)
        const sink = StreamsSink.create({ handler, maxConcurrentStreams, maxReadAhead, clock, warn })
        return DynamoStoreSource.create({
          context: contextOf(tables.index, seen),
          mode: LoadMode.WithData(3, contextOf(tables.events, seen)),
          categories: [...categories],
          batchSizeCutoff: reading.batchSize,
          groupName: group,
          checkpoints: reading.checkpoints,
          sink: edges.sink(sink),
          tailSleepIntervalMs: reading.tailSleepIntervalMs,
          checkpointIntervalMs: reading.checkpointIntervalMs,
          readBackOffMs: reading.tailSleepIntervalMs,
          maxReadBackOffMs: 10 * reading.tailSleepIntervalMs,
          clock,
          warn,
        })
      },
    }
  },
} satisfies Adapter

/** A DynamoStore gives events no ids: the caller's go with the metadata. */
const eventStore = (events: EventsContext): EventStore => ({
  async append(stream, batch, expected) {
    const written = batch.map(({ id, type, data }) => ({ type, data, meta: JSON.stringify({ id }) }))
    for (let attempt = 1; ; attempt++) {
      const position = await events.position(stream, { consistent: true })
      const index = Number(position?.index ?? 0n)
      if (expected !== "any" && index !== expected) return { kind: "conflict" }
      const { type } = await events.sync(stream, position, written)
      if (type === "written") return { kind: "appended", index }
      if (expected !== "any" || attempt === attempts) return { kind: "conflict" }
    }
  },
  async read(stream) {
    const found = await events.read(stream, 0n, { consistent: true })
    return found.map(({ type, data = "null", meta, index }) => {
      const { id } = JSON.parse(meta!) as { readonly id: string }
      return { id, type, data, index: Number(index) }
    })
  },
})
