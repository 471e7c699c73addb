import type { DynamoDB } from "@aws-sdk/client-dynamodb"
import { MemoryCache } from "@equinox-js/core"
import { DynamoStoreClient, DynamoStoreContext, QueryOptions, TipOptions } from "@equinox-js/dynamo-store"
import { DynamoCheckpoints, DynamoStoreSource, LoadMode } from "@equinox-js/dynamo-store-source"
import type { Adapter } from "equinox-windtunnel"
import { StreamsSink } from "equinox-windtunnel/propeller"

/**
 * The source and the checkpoints of `@equinox-js/dynamo-store-source` as npm has them. Their engine is not on npm; this
 * package's stands in for it, so nothing is said of it here.
 */
export default {
  name: "@equinox-js/dynamo-store-source",
  version: "1.2.0",
  store: "dynamo-store",
  time: "virtual",
  globals: "virtual",
  profiles: ["source", "checkpoints"],
  capabilities: [
    ...(["pages", "batches", "positions", "origin", "one call per stream", "read-ahead", "concurrency"] as const),
    ...(["drain", "checkpoint interval", "compare positions"] as const),
  ],
  open({ client, tables }) {
    const contextOf = (tableName: string, reader = client) =>
      DynamoStoreContext.create({
        // It calls no other operations than the session's client has.
        client: new DynamoStoreClient(reader as unknown as DynamoDB),
        tableName,
        tip: TipOptions.create({}),
        query: QueryOptions.create({}),
      })
    return {
      checkpoints: DynamoCheckpoints.create(contextOf(tables.index), new MemoryCache(10), 1),
      source: ({ group, categories, edges, handler, maxConcurrentStreams, maxReadAhead, ...reading }) => {
        const seen = edges.client(client)
        return DynamoStoreSource.create({
          context: contextOf(tables.index, seen),
          mode: LoadMode.WithData(3, contextOf(tables.events, seen)),
          categories: [...categories],
          batchSizeCutoff: reading.batchSize,
          groupName: group,
          checkpoints: reading.checkpoints,
          sink: edges.sink(StreamsSink.create({ handler, maxConcurrentStreams, maxReadAhead })),
          tailSleepIntervalMs: reading.tailSleepIntervalMs,
          checkpointIntervalMs: reading.checkpointIntervalMs,
        })
      },
    }
  },
} satisfies Adapter
