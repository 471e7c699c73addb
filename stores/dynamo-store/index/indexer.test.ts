import { describe, expect, test } from "vitest"
import { FakeDynamoDB } from "../../dynamodb/index.js"
import type { DynamoClient } from "../dynamo-client.js"
import { EventsContext } from "../events-context.js"
import { appendsHandler } from "./appends-handler.js"
import { type AppendSpan, toStored } from "./append-span.js"
import { encodeEpochEvent } from "./appends-epoch.js"
import { readEpoch, readPartitions, readTailPosition } from "./epoch-reader.js"
import { DynamoStoreIndexer } from "./indexer.js"
import { span, TablesUnderTest } from "./tables-under-test.js"

const tablesOf = (options = {}) => TablesUnderTest.create(new FakeDynamoDB(), options)

const spansOf = async (tables: TablesUnderTest) =>
  (await tables.readIndex()).spans.map(({ stream, index, types }) => `${stream} ${index}+${types.length}`)

describe("closing an epoch", () => {
  test("by its events, with the write that finds it full", async () => {
    const tables = await tablesOf()
    const indexer = tables.indexer({ maxEpochVersion: 2 })
    const positions: bigint[] = []
    for (const index of [0, 1, 2, 3]) positions.push((await indexer.ingest("0", [span("A-1", index)])).position)
    expect(positions).toEqual([1n, 2n, 1_000_000n, 1_000_001n])
    expect(await readEpoch(tables.context("index"), "0", 0, 0)).toMatchObject({ version: 4, isClosed: true })
  })

  test("by its bytes", async () => {
    const tables = await tablesOf()
    const indexer = tables.indexer({ maxEpochBytes: 200 })
    expect((await indexer.ingest("0", [span("A-1", 0)])).position).toBe(1n)
    expect((await indexer.ingest("0", [span("A-1", 1)])).position).toBe(1_000_000n)
  })

  test("by its streams, each of which counts once (D37)", async () => {
    const tables = await tablesOf()
    const indexer = tables.indexer({ maxEpochStreams: 3 })
    for (const index of [0, 1, 2]) await indexer.ingest("0", [span("A-1", index), span("B-1", index)])
    expect((await readEpoch(tables.context("index"), "0", 0, 0)).isClosed).toBe(false)
    expect((await indexer.ingest("0", [span("C-1", 0)])).position).toBe(1_000_000n)
  })

  test("a limit that offsets could outgrow is refused (D36)", async () => {
    const context = (await tablesOf()).context("index")
    expect(() => new DynamoStoreIndexer({ context, maxEpochVersion: 999_999 })).toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: DynamoStoreIndexer: option "maxEpochVersion" must be an integer from 1 to 999998: an epoch has 1000000 offsets, received 999999]`,
    )
    expect(() => new DynamoStoreIndexer({ context, maxEpochStreams: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: DynamoStoreIndexer: option "maxEpochStreams" must be an integer of at least 1, received 0]`,
    )
  })

  test("epochs are recorded once each, the first one too, and by cold starts no more (D30, D41)", async () => {
    const tables = await tablesOf()
    for (const index of [0, 1, 2, 3, 4]) {
      await tables.indexer({ maxEpochVersion: 1 }).ingest("0", [span("A-1", index)])
      await tables.indexer({ maxEpochVersion: 1 }).ingest("0", [span("A-1", index)])
    }
    const events = await new EventsContext(tables.context("index")).read("$AppendsIndex-0")
    expect(events.map(({ data }) => data)).toEqual([0, 1, 2].map((epoch) => JSON.stringify({ partition: 0, epoch })))
    expect(await readPartitions(tables.context("index"))).toEqual(["0"])
  })

  test("partitions have epochs of their own", async () => {
    const tables = await tablesOf()
    const indexer = tables.indexer()
    await indexer.ingest("10", [span("B-1", 0)])
    await indexer.ingest("2", [span("A-1", 0)])
    expect(await readPartitions(tables.context("index"))).toEqual(["2", "10"])
    expect(await readTailPosition(tables.context("index"), "10")).toBe(1n)
    await expect(indexer.ingest("a", [])).rejects.toThrow(
      'DynamoStoreIndexer.ingest: option "partition" must be decimal text, as "0", received "a"',
    )
  })

  test("a crash before the next epoch was recorded is made good by the next delivery, even of nothing new (D31, D40)", async () => {
    const tables = await tablesOf()
    const { primary } = tables.context("index").client
    let isBroken = false
    const breaking: DynamoClient = {
      ...shorthand(primary),
      updateItem: (input) =>
        isBroken && input.Key?.["p"]?.S === "$AppendsIndex-0"
          ? Promise.reject(Object.assign(new Error("no answer"), { name: "TimeoutError" }))
          : primary.updateItem(input),
    }
    const indexer = tables.indexer({ maxEpochVersion: 1 }, breaking)
    await indexer.ingest("0", [span("A-1", 0)])
    isBroken = true
    await expect(indexer.ingest("0", [span("A-1", 1)])).rejects.toThrow("no answer")
    expect(await readTailPosition(tables.context("index"), "0")).toBe(1_000_000n)
    expect(await tables.indexer().ingest("0", [span("A-1", 1)])).toEqual({ accepted: [], position: 1_000_000n })
    const events = await new EventsContext(tables.context("index")).read("$AppendsIndex-0")
    expect(events.map(({ data }) => data)).toEqual(['{"partition":0,"epoch":0}', '{"partition":0,"epoch":1}'])
  })
})

describe("what was indexed before", () => {
  test("is recognised in the open epoch and in closed ones, as far as the indexer looks back (D34)", async () => {
    for (const lookBackEpochs of [0, 1, 2]) {
      const tables = await tablesOf()
      const limits = { maxEpochVersion: 1, lookBackEpochs }
      await tables.indexer(limits).ingest("0", [span("A-1", 0)])
      for (const index of [0, 1, 2]) await tables.indexer(limits).ingest("0", [span("B-1", index)])
      const { accepted } = await tables.indexer(limits).ingest("0", [span("A-1", 0), span("B-1", 0)])
      expect(accepted).toEqual([["A-1", "B-1"], ["A-1"], []].at(lookBackEpochs))
    }
  })

  test("is not repeated by the part of a delivery that an epoch had room for, without looking back either", async () => {
    const tables = await tablesOf()
    const [slow, fast] = [tables.indexer({ lookBackEpochs: 0 }), tables.indexer({ maxEpochVersion: 1 })]
    await slow.ingest("0", [span("A-1", 0)])
    await fast.ingest("0", [span("A-1", 1), span("B-1", 0)])
    await slow.ingest("0", [span("A-1", 1, 2), span("B-1", 0)])
    expect(await spansOf(tables)).toEqual(["A-1 0+1", "B-1 0+1", "A-1 1+1", "A-1 2+1"])
  })

  test("counts as far as it came, although another indexer has indexed the start of the stream once more", async () => {
    const tables = await tablesOf()
    await tables.indexer({ maxEpochVersion: 1 }).ingest("0", [span("B-1", 0)])
    await tables.indexer({ maxEpochVersion: 1 }).ingest("0", [span("A-1", 0, 5)])
    await tables.indexer({ lookBackEpochs: 0, maxEpochVersion: 1 }).ingest("0", [span("A-1", 0, 2)])
    await tables.indexer({ lookBackEpochs: 0, maxEpochVersion: 1 }).ingest("0", [span("C-1", 0)])
    await tables.indexer({ lookBackEpochs: Infinity }).ingest("0", [span("A-1", 4, 3)])
    expect(await spansOf(tables)).toEqual(["B-1 0+1", "A-1 0+5", "A-1 0+2", "C-1 0+1", "A-1 5+2"])
  })
})

describe("a gap", () => {
  test("is refused by default, in the open epoch and behind a closed one, while everything else is indexed (D33)", async () => {
    for (const maxEpochVersion of [1, 100]) {
      const tables = await tablesOf()
      const indexer = tables.indexer({ maxEpochVersion })
      await indexer.ingest("0", [span("B-1", 0)])
      await indexer.ingest("0", [span("A-1", 0)])
      const refused = indexer.ingest("0", [span("A-1", 1), span("A-1", 5), span("B-1", 1)])
      await expect(refused).rejects.toMatchObject({ name: "IndexGapError", stream: "A-1", expected: 2, found: 5 })
      expect(await spansOf(tables)).toEqual(["B-1 0+1", "A-1 0+1", ...(await lastOf(tables))])
      expect(await indexer.ingest("0", [span("A-1", 2, 4)])).toMatchObject({ accepted: ["A-1"] })
    }
  })

  const lastOf = async (tables: TablesUnderTest) => {
    const last = (await spansOf(tables)).slice(2)
    expect([...last].sort()).toEqual(["A-1 1+1", "B-1 1+1"])
    return last
  }

  test("names what was expected", async () => {
    const tables = await tablesOf()
    await expect(tables.indexer().ingest("0", [span("A-1", 3)])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[IndexGapError: stream "A-1": expected event 0 next, found 3; with eventsContext the indexer reads what is missing, with onGap "warn" it goes on without]`,
    )
  })

  test("is not one when another indexer has been faster", async () => {
    const tables = await tablesOf()
    const [slow, fast] = [tables.indexer(), tables.indexer()]
    await slow.ingest("0", [span("A-1", 0)])
    await fast.ingest("0", [span("A-1", 1, 3)])
    await slow.ingest("0", [span("A-1", 4)])
    expect(await spansOf(tables)).toEqual(["A-1 0+1", "A-1 1+3", "A-1 4+1"])
  })

  test("is the failure of the caller who has it, not of those who are written with him", async () => {
    const tables = await tablesOf()
    const indexer = tables.indexer()
    const calls = [span("Z-1", 0), span("A-1", 3), span("B-1", 0)].map((one) => indexer.ingest("0", [one]))
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
  })

  test("is passed with a warning where that is asked for", async () => {
    const tables = await tablesOf()
    const indexer = tables.indexer({ onGap: "warn" })
    await indexer.ingest("0", [span("A-1", 0), span("A-1", 2), span("A-1", 5)])
    expect(await spansOf(tables)).toEqual(["A-1 0+1", "A-1 2+1", "A-1 5+1"])
    expect(tables.warnings).toMatchInlineSnapshot(`
      [
        "stream "A-1": the index goes on with event 2, without event 1, as onGap is "warn"",
        "stream "A-1": the index goes on with event 5, without events 3 to 4, as onGap is "warn"",
      ]
    `)
  })

  test("is filled from the events table, wherever records were lost", async () => {
    const tables = await tablesOf({ tip: { maxEvents: 2 } })
    for (const count of [1, 2, 3, 1, 2]) await tables.append("A-1", count)
    const handler = appendsHandler(tables.indexer({ eventsContext: tables.context("events") }))
    const appends = tables.records.filter((record) => record.dynamodb?.NewImage?.["a"] !== undefined)
    await handler({ Records: [appends[1]!, appends[4]!] })
    expect((await tables.readIndex()).spans).toEqual([span("A-1", 0, 9)])
  })

  test("in the events table as well is told, and passed", async () => {
    const ddb = new FakeDynamoDB()
    const tables = await TablesUnderTest.create(ddb, { tip: { maxEvents: 1 } })
    for (let at = 0; at < 5; at++) await tables.append("A-1", 1)
    for (const i of ["0", "2"]) await ddb.deleteItem({ TableName: "events", Key: { p: { S: "A-1" }, i: { N: i } } })
    await tables.indexer({ eventsContext: tables.context("events") }).ingest("0", [span("A-1", 4)])
    expect(await spansOf(tables)).toEqual(["A-1 1+1", "A-1 3+2"])
    expect(tables.warnings).toMatchInlineSnapshot(`
      [
        "stream "A-1": the index goes on with event 1, without event 0, which the events table no longer has",
        "stream "A-1": the index goes on with event 3, without event 2, which the events table no longer has",
      ]
    `)
  })

  test("is filled in as many streams as have one", async () => {
    const tables = await tablesOf()
    const streams = Array.from({ length: 20 }, (_, at) => `A-${at}`)
    for (const stream of streams) await tables.append(stream, 3)
    await tables.indexer({ eventsContext: tables.context("events") }).ingest(
      "0",
      streams.map((stream) => span(stream, 2)),
    )
    expect(await spansOf(tables)).toEqual(streams.map((stream) => `${stream} 0+3`))
  })

  test("of a stream that was last indexed longer ago than the indexer looks back cannot be seen", async () => {
    const tables = await tablesOf()
    const indexer = tables.indexer({ maxEpochVersion: 1, lookBackEpochs: 1 })
    await indexer.ingest("0", [span("A-1", 0)])
    for (const index of [0, 1, 2]) await indexer.ingest("0", [span("B-1", index)])
    await indexer.ingest("0", [span("A-1", 4)])
    expect((await spansOf(tables)).at(-1)).toBe("A-1 4+1")
  })
})

describe("callers at the same time", () => {
  test("share writes (D43)", async () => {
    const tables = await tablesOf()
    const writes: string[] = []
    const indexer = tables.indexer({}, counting(tables, writes))
    await indexer.ingest("0", [span("First-1", 0)])
    writes.length = 0
    const calls = Array.from({ length: 100 }, (_, at) => indexer.ingest("0", [span(`A-${at}`, 0)]))
    const results = await Promise.all(calls)
    expect(results.map(({ accepted }) => accepted)).toEqual(results.map((_, at) => [`A-${at}`]))
    expect((await tables.readIndex()).spans).toHaveLength(101)
    expect(writes.length).toBeLessThanOrEqual(2)
  })

  test("of two processes, both get on", async () => {
    const tables = await tablesOf()
    const indexers = [tables.indexer(), tables.indexer(), tables.indexer()]
    const streams = Array.from({ length: 30 }, (_, at) => `A-${at}`)
    for (let index = 0; index < 3; index++)
      await Promise.all(
        indexers.flatMap((indexer) => streams.map((stream) => indexer.ingest("0", [span(stream, index)]))),
      )
    expect((await tables.readIndex()).spans).toHaveLength(90)
  })

  test("a warm indexer reads nothing", async () => {
    const tables = await tablesOf()
    const requests: string[] = []
    const indexer = tables.indexer({}, counting(tables, requests))
    await indexer.ingest("0", [span("A-1", 0)])
    requests.length = 0
    for (const index of [1, 2, 3]) await indexer.ingest("0", [span("A-1", index), span("A-1", index - 1)])
    expect(requests).toEqual(["UpdateItem", "UpdateItem", "UpdateItem"])
  })

  test("a warm indexer does not read closed epochs again", async () => {
    const tables = await tablesOf()
    const requests: string[] = []
    const indexer = tables.indexer({ maxEpochVersion: 1 }, counting(tables, requests))
    for (const index of [0, 1, 2, 3]) await indexer.ingest("0", [span("A-1", index)])
    requests.length = 0
    const { accepted } = await indexer.ingest("0", [span("A-1", 0, 4)])
    const first = requests.length
    await indexer.ingest("0", [span("A-1", 0, 4)])
    expect([accepted, requests.length - first]).toEqual([[], 0])
  })
})

test("a delivery that is too large for one event is cut", async () => {
  const tables = await tablesOf()
  const types = Array.from({ length: 20_000 }, (_, at) => `Something${at}Happened`)
  const spans: AppendSpan[] = [span("A-1", 0), { stream: "B-1", index: 0, types }, span("C-1", 0)]
  await tables.indexer().ingest("0", spans)
  const { spans: indexed } = await tables.readIndex()
  expect(indexed.filter(({ stream }) => stream === "B-1").flatMap((one) => one.types)).toEqual(types)
  const { entries } = await readEpoch(tables.context("index"), "0", 0, 0)
  const largest = Math.max(...entries.map((entry) => JSON.stringify(entry.spans.map(toStored)).length))
  expect(entries.length).toBeGreaterThan(1)
  expect(largest).toBeLessThan(110_000)
})

test("an epoch that another writer filled to the last offset is only closed", async () => {
  const ddb = new FakeDynamoDB()
  const tables = await TablesUnderTest.create(ddb)
  const { data } = encodeEpochEvent({ type: "Ingested", add: [span("A-1", 0)], app: [] })
  const event = { M: { t: { S: "2026-01-01T00:00:00.000Z" }, d: { B: Buffer.from(data!) }, D: { N: "0" } } }
  await ddb.putItem({
    TableName: "index",
    Item: {
      ...{ p: { S: "$AppendsEpoch-0_0" }, i: { N: "2147483647" }, n: { N: "999999" }, a: { N: "1" }, b: { N: "0" } },
      ...{ c: { L: [{ S: "Ingested" }] }, e: { L: [event] }, u: { L: [] }, etag: { S: "e" } },
    },
  })
  // The events before the Tip are gone; that is for this test only.
  const context = tables.context("index")
  const lenient = Object.assign(Object.create(context) as typeof context, {
    query: { ...context.query, ignoreMissing: true },
  })
  const result = await tables.indexer({ context: lenient }).ingest("0", [span("A-1", 1)])
  expect(result.position).toBe(1_000_001n)
  expect(await readTailPosition(context, "0")).toBe(1_000_001n)
})

test("streams of the system and nothing at all cost nothing", async () => {
  const tables = await tablesOf()
  expect(await tables.indexer().ingest("0", [span("$AppendsEpoch-0_0", 0)])).toMatchObject({ accepted: [] })
  expect((await tables.readIndex()).spans).toEqual([])
})

test("a span that is none is refused with its name", async () => {
  const indexer = (await tablesOf()).indexer()
  await expect(indexer.ingest("0", [{ stream: "A-1", index: -1, types: ["X"] }])).rejects.toThrow(
    'DynamoStoreIndexer.ingest: option "index" must be an integer of at least 0, received -1',
  )
})

/** The methods of a client that may be a class's own. */
function shorthand(client: DynamoClient): DynamoClient {
  return {
    getItem: (input) => client.getItem(input),
    putItem: (input) => client.putItem(input),
    updateItem: (input) => client.updateItem(input),
    transactWriteItems: (input) => client.transactWriteItems(input),
    query: (input) => client.query(input),
  }
}

function counting(tables: TablesUnderTest, requests: string[]): DynamoClient {
  const { primary } = tables.context("index").client
  return {
    getItem: (input) => (requests.push("GetItem"), primary.getItem(input)),
    putItem: (input) => (requests.push("PutItem"), primary.putItem(input)),
    updateItem: (input) => (requests.push("UpdateItem"), primary.updateItem(input)),
    transactWriteItems: (input) => (requests.push("TransactWriteItems"), primary.transactWriteItems(input)),
    query: (input) => (requests.push("Query"), primary.query(input)),
  }
}
