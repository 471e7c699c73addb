import { expect, test } from "vitest"
import { FakeDynamoDB } from "../../dynamodb/index.js"
import type { DynamoClient } from "../dynamo-client.js"
import { readEpoch, readPartitions, readTailPosition, walkEpoch } from "./epoch-reader.js"
import { span, TablesUnderTest } from "./tables-under-test.js"

/** An epoch of eight entries and `Closed`, in calves of two. */
async function closedEpoch(): Promise<{ tables: TablesUnderTest; ddb: FakeDynamoDB }> {
  const ddb = new FakeDynamoDB()
  const tables = await TablesUnderTest.create(ddb, { tip: { maxEvents: 2 }, maxItems: 1 })
  const indexer = tables.indexer({ maxEpochVersion: 7 })
  for (let index = 0; index < 8; index++) await indexer.ingest("0", [span("A-1", index)])
  return { tables, ddb }
}

test("an index that does not exist has partition 0 and starts at 0", async () => {
  const context = (await TablesUnderTest.create(new FakeDynamoDB())).context("index")
  expect(await readPartitions(context)).toEqual(["0"])
  expect(await readTailPosition(context, "0")).toBe(0n)
  expect(await readEpoch(context, "0", 3, 7)).toEqual({
    entries: [],
    next: 7,
    isEnd: true,
    isClosed: false,
    version: 0,
  })
})

test("an epoch is read in pieces of any size, from any offset", async () => {
  const context = (await closedEpoch()).tables.context("index")
  for (let maxEntries = 1; maxEntries < 10; maxEntries++)
    for (let start = 0; start < 10; start++) {
      const indexes: number[] = []
      let next = start
      for (let isEnd = false; !isEnd;) {
        const page = await readEpoch(context, "0", 0, next, { maxEntries })
        expect(page.entries.length).toBeLessThanOrEqual(maxEntries)
        expect(page.isClosed).toBe(true)
        indexes.push(...page.entries.map(({ index }) => index))
        ;({ next, isEnd } = page)
      }
      expect(indexes).toEqual([0, 1, 2, 3, 4, 5, 6, 7].slice(start))
      expect(next).toBe(Math.max(9, start))
    }
})

test("who leaves the walk reads no further", async () => {
  const { tables } = await closedEpoch()
  const requests: string[] = []
  const { primary } = tables.context("index").client
  const client: DynamoClient = Object.assign(Object.create(primary) as DynamoClient, {
    query: (input: Parameters<DynamoClient["query"]>[0]) => (requests.push("Query"), primary.query(input)),
  })
  for await (const page of walkEpoch(tables.context("index", client), "0", 0, 0)) {
    expect(page.entries.map(({ index }) => index)).toEqual([0, 1])
    break
  }
  expect(requests).toEqual(["Query"])
})

test("a reader who keeps up reads one item", async () => {
  const { tables } = await closedEpoch()
  const requests: string[] = []
  const { primary } = tables.context("index").client
  const client: DynamoClient = Object.assign(Object.create(primary) as DynamoClient, {
    query: () => Promise.reject(new Error("no query is needed")),
    getItem: (input: Parameters<DynamoClient["getItem"]>[0]) => (requests.push("GetItem"), primary.getItem(input)),
  })
  expect(await readEpoch(tables.context("index", client), "0", 0, 8)).toMatchObject({ entries: [], isClosed: true })
  expect(requests).toEqual(["GetItem"])
})

test("calves that a replica does not have yet are read consistently", async () => {
  const { tables } = await closedEpoch()
  const { primary } = tables.context("index").client
  const client: DynamoClient = Object.assign(Object.create(primary) as DynamoClient, {
    async query(input: Parameters<DynamoClient["query"]>[0]) {
      if (input.ConsistentRead === true) return primary.query(input)
      const answer = await primary.query(input)
      return { ...answer, Items: answer.Items?.filter(({ i }) => Number(i?.N) < 4) }
    },
  })
  for (const start of [0, 1, 5]) {
    const { entries } = await readEpoch(tables.context("index", client), "0", 0, start)
    expect(entries.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].slice(start))
  }
})

test("the tail is behind closed epochs, however little is recorded (D30, D31)", async () => {
  const { tables, ddb } = await closedEpoch()
  await ddb.deleteItem({ TableName: "index", Key: { p: { S: "$AppendsIndex-0" }, i: { N: "2147483647" } } })
  expect(await readTailPosition(tables.context("index"), "0")).toBe(1_000_000n)
  await tables.indexer().ingest("0", [span("A-1", 8)])
  expect(await readTailPosition(tables.context("index"), "0")).toBe(1_000_001n)
})

test("Closed in a calf is found when the Tip has no events", async () => {
  const { tables, ddb } = await closedEpoch()
  const key = { p: { S: "$AppendsEpoch-0_0" }, i: { N: "2147483647" } }
  const { Item: tip } = await ddb.getItem({ TableName: "index", Key: key })
  const base = String(Number(tip!["n"]!.N) - tip!["e"]!.L!.length)
  const { a: _a, b: _b, etag: _etag, ...calf } = tip!
  await ddb.putItem({ TableName: "index", Item: { ...calf, i: { N: base } } })
  await ddb.putItem({ TableName: "index", Item: { ...tip!, c: { L: [] }, e: { L: [] }, etag: { S: "next" } } })
  const context = tables.context("index")
  expect(await readEpoch(context, "0", 0, 9)).toMatchObject({ entries: [], isClosed: true, next: 9 })
  expect((await readEpoch(context, "0", 0, 0)).entries).toHaveLength(8)
})
