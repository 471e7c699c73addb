import { describe, expect, test } from "vitest"
import type { IngesterBatch, Sink } from "../engine/batch.js"
import { MemoryCheckpoints } from "../engine/memory-checkpoints.js"
import { StreamName } from "../engine/stream-name.js"
import type { Happening } from "../sim/trace.js"
import type { DynamoClient } from "../stores/dynamo-store/dynamo-client.js"
import { bodyDigest } from "./body-digest.js"
import { ConsumerTrace } from "./consumer-trace.js"
import type { Item } from "./dynamo-store-backend.js"
import { IndexReads, observeDynamoDb, observeReadingSink } from "./observe-dynamodb.js"

const tip = 2_147_483_647
const closed = "Closed"

/** An item of epoch 0 with one entry for each word: the stream whose next event it names, or that the epoch is closed. */
function entries(next: number, words: readonly string[], i = tip): Item {
  const types = words.map((word) => (word === closed ? closed : "Ingested"))
  const bodies = words.map((word) => {
    const [p, index] = word.split("@")
    const span = { p, i: Number(index), c: ["Happened"] }
    return word === closed ? {} : { d: { B: Buffer.from(JSON.stringify({ add: [span], app: [] })) } }
  })
  const p = { S: "$AppendsEpoch-0_0" }
  const [c, e] = [types.map((S) => ({ S })), bodies.map((M) => ({ M }))]
  return { p, i: { N: String(i) }, n: { N: String(next) }, c: { L: c }, e: { L: e } }
}

const silentSink: Sink = {
  start: async () => undefined,
  pump: () => undefined,
  addTracingAttrs: () => undefined,
}

/** A consumer of category `a` that has loaded position 0, and the pages in its trace. */
async function observed() {
  const pages: Extract<Happening, { kind: "PageRead" }>[] = []
  const trace = new ConsumerTrace(
    { process: "c#1", name: "c#1.1", group: "g", tranches: ["0"], maxConcurrentStreams: 1, maxReadAhead: 1 },
    { emit: (happening) => happening.kind === "PageRead" && pages.push(happening) },
  )
  const reads = new IndexReads(trace, "0", ["a"])
  let answer: readonly Item[] = []
  const fake = {
    getItem: async () => ({ Item: answer[0] }),
    query: async () => ({ Items: answer }),
  } as unknown as DynamoClient
  const client = observeDynamoDb(fake, reads)
  const sink = observeReadingSink(silentSink, trace, reads)
  const Key = { p: { S: "$AppendsEpoch-0_0" }, i: { N: String(tip) } }
  return {
    pages,
    load: () => reads.begunBy(new MemoryCheckpoints()).load("g", "0"),
    tip: async (item?: Item) => {
      answer = item === undefined ? [] : [item]
      await client.getItem({ TableName: "index", Key })
    },
    query: async (...items: readonly Item[]) => {
      answer = items
      await client.query({ TableName: "index" })
    },
    pump: (checkpoint: bigint, ...words: readonly string[]) => {
      const items = words.map((word) => {
        const [name, index] = word.split("@") as [string, string]
        const event = { index: BigInt(index), type: "Happened", id: "", time: new Date(0), isUnfold: false, size: 0 }
        return [StreamName.parse(name), event] as const
      })
      const batch: IngesterBatch = { items, checkpoint, isTail: true, trancheId: "0", onComplete: () => undefined }
      void sink.pump(batch, AbortSignal.abort())
    },
  }
}

const shown = (page: Extract<Happening, { kind: "PageRead" }>) =>
  `${page.from}..${page.checkpoint}${page.isTail ? " tail" : ""} ${page.items.map(({ stream, index }) => `${stream}@${index}`).join(" ")}`.trim()

describe("pages of an index", () => {
  test("one that reaches the sink has the events that it brings, and begins where the last one ended", async () => {
    const { pages, load, tip: read, pump } = await observed()
    await load()
    await read(entries(3, ["a-1@0", "b-1@0", "a-1@1"]))
    pump(2n, "a-1@0")
    pump(3n, "a-1@1")
    expect(pages.map(shown)).toEqual(["0..2 tail a-1@0", "2..3 tail a-1@1"])
  })

  test("one that reaches nobody moves on over what is of no concern, and is the tail where the Tip ends", async () => {
    const { pages, load, tip: read, pump } = await observed()
    await load()
    await read()
    await read(entries(2, ["b-1@0", "b-1@1"]))
    await read(entries(2, ["b-1@0", "b-1@1"]))
    await read(entries(5, ["b-1@0", "b-1@1", "b-1@2", "a-1@0", "b-1@3"]))
    pump(4n, "a-1@0")
    expect(pages.map(shown)).toEqual(["0..0 tail", "0..2 tail", "2..2 tail", "2..4 tail a-1@0", "4..5"])
  })

  test("the end of a closed epoch leads to the next one", async () => {
    const { pages, load, tip: read } = await observed()
    await load()
    await read(entries(2, ["b-1@0", closed]))
    expect(pages.map(shown)).toEqual(["0..1000000"])
  })

  test("a Tip says nothing before its calves are known, and an old one nothing at all", async () => {
    const { pages, load, tip: read, query } = await observed()
    await load()
    await read(entries(3, ["b-1@2"]))
    expect(pages).toEqual([])
    await query(entries(2, ["b-1@0", "b-1@1"], 0))
    await read(entries(1, ["b-1@0"]))
    expect(pages.map(shown)).toEqual(["0..2", "2..3", "3..3 tail"])
  })

  test("items are read one by one: what one of them has to offer may be nothing, though the next one has something", async () => {
    const { pages, load, tip: read, query, pump } = await observed()
    await load()
    await read(entries(4, ["b-1@2", "a-1@0"]))
    await query(entries(2, ["b-1@0", "b-1@1"], 0))
    pump(4n, "a-1@0")
    expect(pages.map(shown)).toEqual(["0..2", "2..4 tail a-1@0"])
  })

  test("what is read before the position is loaded is in no page", async () => {
    const { pages, tip: read } = await observed()
    await read(entries(1, ["b-1@0"]))
    expect(pages).toEqual([])
  })

  test("events have the bodies that the events table answered", async () => {
    const { pages, load, query, pump } = await observed()
    await load()
    const e = { L: [{ M: { d: { B: Buffer.from("{}") } } }] }
    await query({ p: { S: "a-1" }, i: { N: String(tip) }, n: { N: "1" }, c: { L: [{ S: "Happened" }] }, e })
    pump(1n, "a-1@0", "a-2@0")
    expect(pages[0]?.items).toEqual([
      { stream: "a-1", index: 0, body: bodyDigest("Happened", "{}") },
      { stream: "a-2", index: 0 },
    ])
  })
})
