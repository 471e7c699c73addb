import { describe, expect, test } from "vitest"
import { FakeDynamoDB } from "../../dynamodb/index.js"
import { EventsContext } from "../events-context.js"
import { fromWire, wireFixture, type WireItem } from "../fixtures/wire-fixture.js"
import { decodeItem } from "../stored-item.js"
import { toTimelineEvent } from "../stored-event.js"
import { type AppendSpan, toStored } from "./append-span.js"
import { decodeEpochEvent, encodeEpochEvent } from "./appends-epoch.js"
import { decodeIndexEvent, encodeIndexEvent, foldIndex, type IndexEvent } from "./appends-index.js"
import { appendsHandler } from "./appends-handler.js"
import { readEpoch, readPartitions, readTailPosition } from "./epoch-reader.js"
import { type StreamRecord, spansOf } from "./stream-records.js"
import { TablesUnderTest } from "./tables-under-test.js"

interface IndexFixture {
  readonly items: readonly WireItem[]
  readonly readerResults: readonly {
    readonly epoch: number
    readonly minIndex: number
    readonly version: number
    readonly closed: boolean
    readonly changes: readonly (readonly [number, readonly { p: string; i: number; c: string[] }[]])[]
  }[]
}

interface RecordsFixture {
  readonly records: readonly StreamRecord[]
  readonly expected: { readonly spans: readonly { p: string; i: number; c: string[] }[] }
}

const index = wireFixture<IndexFixture>("07-index.json")
const items = index.items.map((item) => decodeItem(fromWire(item)))

async function publishedIndex(): Promise<TablesUnderTest> {
  const ddb = new FakeDynamoDB()
  const tables = await TablesUnderTest.create(ddb)
  for (const item of index.items) await ddb.putItem({ TableName: "index", Item: fromWire(item) })
  return tables
}

describe("an index that the published packages wrote", () => {
  test("its bodies are what ours writes", () => {
    for (const { stream, events, unfolds } of items)
      for (const stored of [...events, ...unfolds]) {
        const event = toTimelineEvent(stream, stored)
        const again = stream.startsWith("$AppendsIndex")
          ? encodeIndexEvent(decodeIndexEvent(event)!)
          : encodeEpochEvent(decodeEpochEvent(stream, event)!)
        expect(again).toEqual({ type: event.type, ...(event.data !== undefined && { data: event.data }) })
      }
  })

  test.each(index.readerResults)("is read from offset $minIndex of epoch $epoch", async (expected) => {
    const { epoch, minIndex } = expected
    const page = await readEpoch((await publishedIndex()).context("index"), "0", epoch, minIndex)
    const changes = page.entries.map((entry) => [entry.index, entry.spans.map(toStored)])
    expect(changes).toEqual(expected.changes)
    expect(page.version).toBe(expected.version)
    // Behind `Closed` the published reader does not see it and waits there for ever.
    expect(page.isClosed).toBe(expected.closed || epoch === 0)
    expect(page).toMatchObject({ isEnd: true, next: Math.max(expected.version, minIndex) })
  })

  test("has a partition and an end", async () => {
    const context = (await publishedIndex()).context("index")
    expect(await readPartitions(context)).toEqual(["0"])
    expect(await readTailPosition(context, "0")).toBe(1_000_001n)
  })

  test("is continued, in the same bodies", async () => {
    const tables = await publishedIndex()
    const result = await tables.indexer({ maxEpochVersion: 1 }).ingest("0", [
      { stream: "Cart-1", index: 2, types: ["CheckedOut", "Paid", "Sent"] },
      { stream: "New-1", index: 0, types: ["Begun"] },
    ])
    expect(result).toEqual({ accepted: ["Cart-1", "New-1"], position: 2_000_000n })
    const stored = await new EventsContext(tables.context("index")).read("$AppendsEpoch-0_1", 1n)
    expect(stored.map(({ type, data }) => [type, data])).toMatchInlineSnapshot(`
      [
        [
          "Ingested",
          "{"add":[{"p":"New-1","i":0,"c":["Begun"]}],"app":[{"p":"Cart-1","i":4,"c":["Sent"]}]}",
        ],
        [
          "Closed",
          undefined,
        ],
      ]
    `)
  })
})

describe("the record of epochs", () => {
  const decoded = (type: string, body: unknown) => decodeIndexEvent({ index: 0n, type, data: JSON.stringify(body) })!

  test("older writers say tranche, partitions may be texts", () => {
    const started: IndexEvent = { type: "Started", partition: "0", epoch: 3 }
    expect(decoded("Started", { tranche: 0, epoch: 3 })).toEqual(started)
    expect(decoded("Started", { partition: "0", epoch: 3 })).toEqual(started)
    expect(decoded("Snapshotted", { active: { 0: 3 } })).toEqual({ type: "Snapshotted", active: new Map([["0", 3]]) })
  })

  test("repeated and late events change nothing", () => {
    const events = [2, 3, 3, 1].map((epoch) => decoded("Started", { partition: 0, epoch }))
    expect(foldIndex(new Map(), events)).toEqual(new Map([["0", 3]]))
  })

  test("what is none names its place", () => {
    expect(() => decoded("Started", { epoch: 1 })).toThrow(
      "Started with index 0 in $AppendsIndex-0 is no event of the index:",
    )
    expect(decodeIndexEvent({ index: 0n, type: "Renamed" })).toBeUndefined()
  })
})

describe("stream records", () => {
  const fixture = wireFixture<RecordsFixture>("09-stream-records.json")

  test("give the spans that the published handler finds, from bytes as the SDK has them and as Lambda has them", () => {
    for (const records of [fixture.records, fromWire(fixture.records)])
      expect(spansOf(records, fail).map(toStored)).toEqual(fixture.expected.spans)
  })

  test("are handed to the indexer in one call", async () => {
    const calls: [string, readonly AppendSpan[]][] = []
    const indexer = {
      ingest(partition: string, spans: readonly AppendSpan[]) {
        calls.push([partition, spans])
        return Promise.resolve({ accepted: [], position: 0n })
      },
    }
    await appendsHandler(indexer)({ Records: fixture.records })
    await appendsHandler(indexer)({ Records: [] })
    expect(calls.map(([partition, spans]) => [partition, spans.map(toStored)])).toEqual([["0", fixture.expected.spans]])
  })
})

const fail = (message: string) => expect.fail(message)
