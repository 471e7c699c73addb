import type { World } from "../sim/world.js"
import { FakeDynamoDB, FakeDynamoDBStreams } from "../stores/dynamodb/index.js"
import type { DynamoStoreBackend, TableKind } from "./dynamo-store-backend.js"
import { calm } from "./dynamo-store-stage.js"
import { dynamoDbFailures, streamsFailures } from "./dynamodb-failures.js"
import { makeTables } from "./dynamo-tables.js"
import { staleReads } from "./stale-reads.js"

const tables: Readonly<Record<TableKind, string>> = { events: "events", index: "events-index" }

/** Longer lags than that are not asked for by scenarios; versions of items are kept that long. */
const maxLagMs = 10_000

/** The fake DynamoDB, with empty tables, in the time and with the randomness of a world. */
export async function fakeDynamoStore(world: World): Promise<DynamoStoreBackend> {
  const { clock, random: worlds } = world
  const random = worlds.fork("dynamodb")
  const conditions = { ...calm }
  const stale = staleReads(world, "dynamodb")
  const upTo = (ms: number) => (ms === 0 ? 0 : random.integer(0, ms))
  const client = new FakeDynamoDB({
    clock,
    random,
    maxLagMs,
    conditions: {
      lagMs: ({ operation }) => stale(operation, conditions.lagMs),
      streamLagMs: () => upTo(conditions.streamLagMs),
      transactionMs: () => upTo(conditions.transactionMs),
    },
  })
  const streams = new FakeDynamoDBStreams({ database: client.database })
  const streamArn = await makeTables(client, tables, clock)
  return {
    tables,
    streamArn,
    tokens: worlds.fork("dynamodb-tokens"),
    conditions,
    failures: { client: dynamoDbFailures, streams: streamsFailures },
    connect: () => ({ client, streams, cut: () => {} }),
    reshard: () => {
      const shard = random.pick(streams.log.openShards(streamArn))
      if (random.chance(0.5)) streams.log.splitShard(streamArn, shard)
      else streams.log.rollShard(streamArn, shard)
    },
    onChange: (listener) =>
      void client.database.onChange(({ tableName, after }) => {
        if (after !== undefined) listener(tableName === tables.events ? "events" : "index", after)
      }),
    items: async (table) => client.database.dump(tables[table]),
    close: async () => {},
  }
}
