import { spawnSync } from "node:child_process"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import type { FreshDatabase } from "./fresh-database.js"
import { openPool, type OwnedPool } from "./open-pool.js"
import { MessageDbReader, type ReadStreamOptions } from "./reader.js"
import { freshMessageDb, needsMessageDb } from "./real-database.js"
import { MessageDbWriter } from "./writer.js"

describe("MessageDbReader", needsMessageDb, () => {
  let database: FreshDatabase
  let pool: OwnedPool
  let writer: MessageDbWriter
  let reader: MessageDbReader

  beforeAll(async () => {
    database = await freshMessageDb()
    pool = await openPool(database.connectionString)
    writer = MessageDbWriter.create({ pool })
    reader = new MessageDbReader({ pool })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  const pages = async (stream: string, options?: ReadStreamOptions) => {
    const read: ITimelineEvent[][] = []
    for await (const page of reader.readStream(stream, options)) read.push(page)
    return read
  }
  const append = (stream: string, count: number) =>
    writer.append(
      stream,
      Array.from({ length: count }, (_, i) => ({ type: `E${i}` })),
    )

  it("reads a stream whole and in order, whatever the page size", async () => {
    await append("whole-1", 7)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 }), async (batchSize, from) => {
        const read = await pages("whole-1", { batchSize, from: BigInt(from) })
        expect(read.flat().map((event) => Number(event.index))).toEqual([0, 1, 2, 3, 4, 5, 6].slice(from))
        expect(read.every(({ length }) => length > 0 && length <= batchSize)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it("reads a category page by page, each event once, in the order of commits", async () => {
    for (const stream of ["paged-1", "other-1", "paged-2", "paged-1", "paged-3"]) await append(stream, 2)
    const read: string[] = []
    let from = 0n
    for (;;) {
      const { items, checkpoint } = await reader.readCategory("paged", { from, batchSize: 3 })
      if (items.length === 0) {
        expect(checkpoint).toBe(from)
        break
      }
      read.push(...items.map(([stream, event]) => `${stream}#${event.index}`))
      from = checkpoint
    }
    const inOrder = ["1#0", "1#1", "2#0", "2#1", "1#2", "1#3", "3#0", "3#1"]
    expect(read).toEqual(inOrder.map((event) => `paged-${event}`))
    expect(from).toBe((await reader.highestPosition("paged"))! + 1n)
  })

  it("shares a category out among the members of a group: disjoint and complete", async () => {
    const streams = Array.from({ length: 40 }, (_, i) => `shared-${i}+${i % 3}`)
    for (const stream of streams) await append(stream, 1)
    const shares = await Promise.all(
      [0, 1, 2].map(async (consumerGroupMember) => {
        const { items } = await reader.readCategory("shared", { consumerGroupMember, consumerGroupSize: 3 })
        return items.map(([stream]) => stream)
      }),
    )
    expect(shares.every((share) => share.length > 0)).toBe(true)
    expect(shares.flat().toSorted()).toEqual(streams.toSorted())
  })

  it("M-43: has no data or meta where the store has none, and the text null where it has the JSON value", async () => {
    await writer.append("nothing-1", [{ type: "X" }, { type: "X", data: "null", meta: "null" }])
    const [page] = await pages("nothing-1")
    expect(Object.keys(page![0]!)).not.toContain("data")
    expect(Object.keys(page![0]!)).not.toContain("meta")
    expect(page![1]).toMatchObject({ data: "null", meta: "null" })
  })

  it("yields plain objects, each item an array of its own", async () => {
    const id = "00000000-0000-4000-8000-000000000001"
    await writer.append("plain-1", [{ id, type: "X", data: "{}" }, { type: "Y" }])
    const { items } = await reader.readCategory("plain")
    const time: unknown = expect.any(Date)
    expect(items[0]).toStrictEqual([
      "plain-1",
      { id, time, type: "X", index: 0n, isUnfold: false, size: -1, data: "{}" },
    ])
    expect(items[1]![1]).toMatchObject({ type: "Y", index: 1n })
  })

  it("M-45: gives numbers as the store has them, beyond what a number can hold", async () => {
    await writer.append("big-1", [{ type: "X", data: `{"n": 9007199254740993.10}` }])
    expect((await reader.readLast("big-1"))!.data).toBe(`{"n": 9007199254740993.10}`)
  })

  it("reads positions beyond 2^53", async () => {
    const owner = await openPool(database.superuserConnectionString)
    await owner.query(
      "insert into messages (global_position, position, stream_name, type) values (9007199254740995, 9007199254740993, 'far-1', 'X')",
    )
    await owner.end()
    expect(await reader.streamVersion("far-1")).toBe(9007199254740993n)
    expect((await reader.readCategory("far")).checkpoint).toBe(9007199254740996n)
  })

  it("finds the last event, also of a type", async () => {
    await append("last-1", 3)
    expect(await reader.readLast("last-1")).toMatchObject({ type: "E2", index: 2n, isUnfold: false, size: -1 })
    expect(await reader.readLast("last-1", "E1")).toMatchObject({ type: "E1", index: 1n })
    expect(await reader.readLast("last-1", "E9")).toBeUndefined()
    expect(await reader.highestPosition("never")).toBeUndefined()
  })

  it("M-01: reads times as UTC in a process of any time zone, to the millisecond", async () => {
    const times = [
      "2026-01-31 23:59:59.987654",
      "2026-07-01 00:00:00",
      "2026-03-08 02:30:00.5",
      "1999-12-31 12:00:00.0009",
    ]
    const owner = await openPool(database.superuserConnectionString)
    for (const [i, time] of times.entries())
      await owner.query(
        "insert into messages (position, stream_name, type, time) values ($1, 'zone-1', 'X', $2::timestamp)",
        [i, time],
      )
    await owner.end()
    const program = `
      import { openPool } from ${JSON.stringify(new URL("./open-pool.ts", import.meta.url).href)}
      import { MessageDbReader } from ${JSON.stringify(new URL("./reader.ts", import.meta.url).href)}
      const pool = await openPool(process.env.STORE)
      for await (const page of new MessageDbReader({ pool }).readStream("zone-1"))
        console.log(page.map((event) => event.time.toISOString()).join(" "))
      console.log(new Date(2026, 0, 1).getTimezoneOffset())
      await pool.end()`
    for (const [zone, offset] of [
      ["America/New_York", "300"],
      ["Asia/Kathmandu", "-345"],
    ] as const) {
      const { stdout } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
        env: { ...process.env, TZ: zone, STORE: database.connectionString },
        encoding: "utf8",
      })
      expect(stdout.split("\n")).toEqual([
        "2026-01-31T23:59:59.987Z 2026-07-01T00:00:00.000Z 2026-03-08T02:30:00.500Z 1999-12-31T12:00:00.000Z",
        offset,
        "",
      ])
    }
  })

  it("says which argument cannot be worked with", async () => {
    const refusal = (work: Promise<unknown>) => work.catch((error: unknown) => String(error))
    expect([
      await refusal(pages("")),
      await refusal(pages("account")),
      await refusal(pages("a-1", { batchSize: 0 })),
      await refusal(reader.readCategory("a-1")),
      await refusal(reader.readCategory("")),
      await refusal(reader.readCategory("a", { batchSize: 1.5 })),
      await refusal(reader.readCategory("a", { consumerGroupMember: 2, consumerGroupSize: 2 })),
    ]).toMatchInlineSnapshot(`
      [
        "InvalidOptionError: MessageDbReader.readStream: option "stream" must be a non-empty string, received """,
        "InvalidOptionError: MessageDbReader.readStream: option "stream" must be the name of a stream, {category}-{id}, received "account"",
        "InvalidOptionError: MessageDbReader.readStream: option "batchSize" must be an integer of at least 1, received 0",
        "InvalidOptionError: MessageDbReader.readCategory: option "category" must be a non-empty string without "-", received "a-1"",
        "InvalidOptionError: MessageDbReader.readCategory: option "category" must be a non-empty string without "-", received """,
        "InvalidOptionError: MessageDbReader.readCategory: option "batchSize" must be an integer of at least 1, received 1.5",
        "InvalidOptionError: MessageDbReader.readCategory: option "consumerGroupMember" must be an integer from 0 to 1, below consumerGroupSize, received 2",
      ]
    `)
  })
})
