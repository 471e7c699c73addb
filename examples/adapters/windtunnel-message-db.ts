import type { Adapter } from "equinox-windtunnel"
import { MessageDbSource, PgCheckpoints } from "equinox-windtunnel/message-db-source"
import { StreamsSink } from "equinox-windtunnel/propeller"
import manifest from "equinox-windtunnel/package.json" with { type: "json" }

/** This package's own source, sink and checkpoints on a Message DB. */
export default {
  name: "equinox-windtunnel on Message DB",
  version: manifest.version,
  store: "message-db",
  time: "virtual",
  profiles: ["source"],
  capabilities: [
    ...(["pages", "batches", "positions", "origin", "one call per stream", "read-ahead", "concurrency"] as const),
    ...(["partial results", "complete streams", "drain", "groups", "message-db members", "compare positions"] as const),
  ],
  async open({ pool, clock }) {
    const checkpoints = new PgCheckpoints(pool)
    await checkpoints.ensureTable()
    const warn = () => undefined
    return {
      checkpoints,
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
          ...(member !== undefined && { consumerGroupMember: member }),
          ...(size !== undefined && { consumerGroupSize: size }),
          clock,
          warn,
        })
      },
    }
  },
} satisfies Adapter
