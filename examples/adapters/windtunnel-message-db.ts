import type { Adapter, EventStore, StoredEvent } from "equinox-windtunnel"
import { MessageDbReader, MessageDbWriter, WrongExpectedVersionError } from "equinox-windtunnel/message-db"
import { MessageDbSource, PgCheckpoints } from "equinox-windtunnel/message-db-source"
import { StreamsSink } from "equinox-windtunnel/propeller"
import manifest from "equinox-windtunnel/package.json" with { type: "json" }

const warn = () => undefined

/** This package's own source, sink, checkpoints, reader and writer on a Message DB. */
export default {
  name: "equinox-windtunnel on Message DB",
  version: manifest.version,
  store: "message-db",
  time: "virtual",
  profiles: ["source", "checkpoints", "sink", "consumer-groups", "event-store"],
  capabilities: [
    ...(["pages", "batches", "positions", "origin", "one call per stream", "read-ahead", "concurrency"] as const),
    ...(["prompt", "fair", "checkpoint interval"] as const),
    ...(["partial results", "complete streams", "drain", "groups", "message-db members", "compare positions"] as const),
    ...(["repeated appends", "expected version"] as const),
  ],
  async open({ pool, clock, random }) {
    const checkpoints = new PgCheckpoints(pool)
    await checkpoints.ensureTable()
    const writer = MessageDbWriter.create({ pool, random })
    return {
      checkpoints,
      events: eventStore(writer, new MessageDbReader({ pool })),
      sink: (options) => StreamsSink.create({ ...options, clock, warn }),
      source: ({ group, categories, member, size, edges, handler, maxConcurrentStreams, maxReadAhead, ...reading }) => {
        const sink = StreamsSink.create({ handler, maxConcurrentStreams, maxReadAhead, clock, warn })
        return MessageDbSource.create({
          pool: edges.pool(pool),
          categories: [...categories],
          groupName: group,
          checkpoints: reading.checkpoints,
          sink: edges.sink(sink),
          batchSize: reading.batchSize,
          tailSleepIntervalMs: reading.tailSleepIntervalMs,
          checkpointIntervalMs: reading.checkpointIntervalMs,
          readBackOffMs: reading.tailSleepIntervalMs,
          maxReadBackOffMs: 10 * reading.tailSleepIntervalMs,
          ...(member !== undefined && { consumerGroupMember: member }),
          ...(size !== undefined && { consumerGroupSize: size }),
          clock,
          random,
          warn,
        })
      },
    }
  },
} satisfies Adapter

/** Message DB counts versions from -1, which is a stream without events. */
const eventStore = (writer: MessageDbWriter, reader: MessageDbReader): EventStore => ({
  async append(stream, events, expected) {
    try {
      const { version } = await writer.append(stream, events, expected === "any" ? "any" : BigInt(expected) - 1n)
      return { kind: "appended", index: Number(version) - events.length + 1 }
    } catch (error) {
      if (error instanceof WrongExpectedVersionError) return { kind: "conflict" }
      throw error
    }
  },
  async read(stream) {
    const found: StoredEvent[] = []
    for await (const page of reader.readStream(stream))
      for (const { id, type, data = "null", index } of page) found.push({ id, type, data, index: Number(index) })
    return found
  },
})
