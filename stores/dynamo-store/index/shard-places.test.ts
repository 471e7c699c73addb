import type { DynamoDB } from "@aws-sdk/client-dynamodb"
import { afterAll, describe, expect, it } from "vitest"
import { FakeDynamoDB } from "../../dynamodb/index.js"
import { needsDynamoDb, realDynamoDb } from "../../dynamodb/real-dynamodb.js"
import { DynamoStoreClient } from "../dynamo-store-client.js"
import { DynamoStoreContext } from "../dynamo-store-context.js"
import { createTables } from "../tables.js"
import { DynamoShardPlaces } from "./shard-places.js"

const real = realDynamoDb()
afterAll(() => real.close())

const arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/events/stream/2026-01-31T00:00:00.000"

const stores = [
  { store: "a real DynamoDB", needs: needsDynamoDb, client: () => real.client },
  { store: "the fake", needs: {}, client: () => new FakeDynamoDB() as unknown as DynamoDB },
]

describe.each(stores)("DynamoShardPlaces on $store", ({ needs, client }) => {
  const tables = async () => {
    const ddb = client()
    const [events, index] = [real.tableName("events"), real.tableName("index")]
    await createTables(ddb, { events, index })
    const context = new DynamoStoreContext({ client: new DynamoStoreClient(ddb), tableName: index })
    return { ddb, index, places: DynamoShardPlaces.create(context) }
  }

  it("keeps one place for each shard of each stream, the one that was stored last", needs, async () => {
    const { places } = await tables()
    expect(await places.load(arn, "shardId-1")).toBeUndefined()
    await places.store(arn, "shardId-1", "100000000000000000002")
    await places.store(arn, "shardId-1", "900000000000000000000000000000000000009")
    await places.store(arn, "shardId-2", "100000000000000000004")
    expect(await places.load(arn, "shardId-1")).toBe("900000000000000000000000000000000000009")
    expect(await places.load(arn, "shardId-2")).toBe("100000000000000000004")
    expect(await places.load(`${arn}9`, "shardId-1")).toBeUndefined()
  })

  it("keeps them where no reader of the index looks", needs, async () => {
    const { ddb, index, places } = await tables()
    await places.store(arn, "shardId-1", "100000000000000000002")
    const { Items } = await ddb.scan({ TableName: index })
    expect(Items).toEqual([
      { p: { S: `$ShardPlace-${arn}/shardId-1` }, i: { N: "0" }, s: { S: "100000000000000000002" } },
    ])
  })
})

it("says which context cannot be worked with", () => {
  expect(() => DynamoShardPlaces.create({} as never)).toThrowErrorMatchingInlineSnapshot(
    `[InvalidOptionError: DynamoShardPlaces.create: option "context" must be a DynamoStoreContext, received an object]`,
  )
})
