import { DynamoStoreClient, DynamoStoreContext, QueryOptions, TipOptions } from "@equinox-js/dynamo-store"
import { AppendsEpoch, AppendsEpochId, AppendsIndex, AppendsPartitionId } from "@equinox-js/dynamo-store-indexer"
import { expect, test } from "vitest"
import { FakeDynamoDB } from "../../dynamodb/index.js"
import { span, TablesUnderTest } from "./tables-under-test.js"

test("an epoch 0 that is recorded does not disturb the published readers of the index (D41)", async () => {
  const ddb = new FakeDynamoDB()
  const tables = await TablesUnderTest.create(ddb)
  const context = new DynamoStoreContext({
    client: new DynamoStoreClient(ddb),
    tableName: "index",
    tip: TipOptions.create({}),
    query: QueryOptions.create({}),
  })
  const indexer = tables.indexer({ maxEpochVersion: 1 })
  const partition = AppendsPartitionId.wellKnownId
  const index = AppendsIndex.Reader.create(context)
  for (const epoch of [0, 1]) {
    await indexer.ingest("0", [span("A-1", epoch * 2)])
    expect((await index.readKnownPartitions()).map(String)).toEqual(["0"])
    expect(Object.fromEntries(await index.read())).toEqual({ 0: epoch })
    await indexer.ingest("0", [span("A-1", epoch * 2 + 1)])
  }
  const reader = AppendsEpoch.Reader.Config.create(context)
  const [, version, { closed }] = await reader.read(partition, AppendsEpochId.initial, 0n)
  expect([version, closed]).toEqual([3n, true])
})
