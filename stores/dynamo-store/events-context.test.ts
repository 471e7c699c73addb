import fc from "fast-check"
import { beforeEach, describe, expect, it } from "vitest"
import { ManualClock } from "../../engine/manual-clock.js"
import { FakeDynamoDB } from "../dynamodb/fake-dynamodb.js"
import { DynamoStoreClient } from "./dynamo-store-client.js"
import { DynamoStoreContext, type DynamoStoreContextOptions } from "./dynamo-store-context.js"
import { EventsContext, type ReadOptions } from "./events-context.js"
import type { QueryOptions } from "./query-options.js"
import { ScriptedClient } from "./scripted-client.js"
import { createTables } from "./tables.js"

const stream = "Cart-1"

let fake: FakeDynamoDB
let client: ScriptedClient
let clock: ManualClock
let warnings: string[]
/** Of eventually consistent reads, by operation. */
let lagMs: Record<string, number>

beforeEach(async () => {
  clock = new ManualClock(1_700_000_000_000)
  lagMs = {}
  fake = new FakeDynamoDB({ clock, conditions: { lagMs: ({ operation }) => lagMs[operation] ?? 0 } })
  client = new ScriptedClient(fake)
  warnings = []
  await createTables(fake, { events: "events", index: "archive", clock })
})

const contextOf = (query: Partial<QueryOptions> = {}, more: Partial<DynamoStoreContextOptions> = {}) =>
  DynamoStoreContext.create({
    client: new DynamoStoreClient(client),
    tableName: "events",
    tip: { maxEvents: 2 },
    query,
    clock,
    warn: (message) => warnings.push(message),
    ...more,
  })

const eventsContext = (query?: Partial<QueryOptions>, more?: Partial<DynamoStoreContextOptions>) =>
  new EventsContext(contextOf(query, more))

/** Events 0 to `count`, in calves of two and a Tip. */
async function write(count: number): Promise<void> {
  const context = eventsContext()
  let position = await context.position(stream, { consistent: true })
  for (let index = Number(position?.index ?? 0); index < count; index++) {
    const outcome = await context.sync(stream, position, [{ type: "Added", data: String(index) }])
    if (outcome.type !== "written") throw new Error("nobody else writes")
    position = outcome.position
  }
  client.sent()
}

const read = async (context: EventsContext, from?: bigint, options?: ReadOptions) =>
  (await context.read(stream, from, options)).map(({ index }) => Number(index))

const deleteItem = (i: number, TableName = "events") =>
  fake.deleteItem({ TableName, Key: { p: { S: stream }, i: { N: String(i) } } })

describe("reading a stream", () => {
  it("answers the events between the bounds, so many of them, in either direction", async () => {
    await write(9)
    const index = fc.integer({ min: 0, max: 12 })
    const options = fc.record<{
      before: number
      count: number
      direction: "forward" | "backward"
      consistent: boolean
    }>(
      { before: index, count: index, direction: fc.constantFrom("forward", "backward"), consistent: fc.boolean() },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(index, options, fc.integer({ min: 1, max: 6 }), async (from, { before, ...rest }, maxItems) => {
        const bounds = before === undefined ? {} : { before: BigInt(before) }
        const all = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter((at) => at >= from && at < (before ?? 9))
        const expected = (rest.direction === "backward" ? all.reverse() : all).slice(0, rest.count ?? 9)
        expect(await read(eventsContext({ maxItems }), BigInt(from), { ...bounds, ...rest })).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it("answers whole events", async () => {
    await eventsContext().sync(stream, undefined, [{ type: "Added", data: `"${"x".repeat(60)}"`, meta: `{"by":1}` }])
    const [event] = await eventsContext().read(stream)
    expect(event).toMatchObject({
      type: "Added",
      data: `"${"x".repeat(60)}"`,
      meta: `{"by":1}`,
      index: 0n,
      isUnfold: false,
      time: new Date(1_700_000_000_000),
    })
  })

  it("answers nothing for a missing stream", async () => {
    expect(await read(eventsContext())).toEqual([])
    expect(await read(eventsContext(), 3n)).toEqual([])
    expect(await read(eventsContext(), 0n, { direction: "backward" })).toEqual([])
    expect(await eventsContext().position(stream)).toBeUndefined()
  })

  it("costs what is read, not what is before it", async () => {
    await write(40)
    const context = eventsContext({ maxItems: 4 })
    expect(await read(context, 38n)).toEqual([38, 39])
    expect(client.sent()).toEqual(["getItem"])
    expect(await read(context, 20n, { count: 3 })).toEqual([20, 21, 22])
    expect(client.sent()).toEqual(["getItem", "query", "query"])
    expect(await read(context, 0n, { count: 3 })).toEqual([0, 1, 2])
    expect(client.sent()).toEqual(["query"])
    expect(await read(context, 40n)).toEqual([])
    expect(client.sent()).toEqual(["getItem"])
    expect(await read(context, 0n, { count: 1, direction: "backward" })).toEqual([39])
    expect(client.sent()).toEqual(["getItem"])
    expect(await read(context, 0n, { count: 0 })).toEqual([])
    expect(client.sent()).toEqual([])
  })

  it("reads ahead of nobody", async () => {
    await write(9)
    for await (const events of eventsContext({ maxItems: 1 }).walk(stream)) {
      expect(events.length).toBe(2)
      break
    }
    expect(client.sent()).toEqual(["query"])
  })

  it("takes as many requests as maxRequests says, and no trailing one to see the end", async () => {
    await write(4)
    expect(await read(eventsContext({ maxItems: 2, maxRequests: 1 }))).toEqual([0, 1, 2, 3])
    await write(5)
    await expect(read(eventsContext({ maxItems: 2, maxRequests: 1 }))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TooManyRequestsError: stream "Cart-1": 1 requests of 2 items (maxRequests, maxItems) did not reach the end]`,
    )
    expect(await read(eventsContext({ maxItems: 2, maxRequests: 1 }), 0n, { count: 4 })).toEqual([0, 1, 2, 3])
  })

  it("checks what it is given", async () => {
    const context = eventsContext()
    await expect(context.read("")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: EventsContext.read: option "stream" must be a non-empty string, received ""]`,
    )
    await expect(context.read(stream, -1n)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: EventsContext.read: option "from" must be a bigint of at least 0, received -1n]`,
    )
    await expect(context.read(stream, 0n, { count: -1 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: EventsContext.read: option "count" must be an integer of at least 0, received -1]`,
    )
    await expect(context.read(stream, 0n, { direction: "up" as "forward" })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: EventsContext.read: option "direction" must be "forward" or "backward", received "up"]`,
    )
    await expect(context.sync(stream, undefined, [])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: EventsContext.sync: option "events" must be at least one event, or with at least one unfold, received []]`,
    )
  })
})

describe("a hole in a stream", () => {
  const directions = ["forward", "backward"] as const

  it.each(directions)("is mended by a consistent read, if only the replica is behind: %s", async (direction) => {
    await write(3)
    await clock.advance(1000)
    await write(7)
    lagMs = { Query: 500 }
    const expected = direction === "forward" ? [2, 3, 4, 5] : [5, 4, 3, 2]
    expect(await read(eventsContext(), 2n, { before: 6n, direction })).toEqual(expected)
  })

  it("is an error that names the stream and the hole, in walk too", async () => {
    await write(7)
    await deleteItem(2)
    await expect(read(eventsContext())).rejects.toThrowErrorMatchingInlineSnapshot(
      `[MissingEventsError: stream "Cart-1": events 2 to 3 cannot be found; QueryOptions.ignoreMissing reads past a hole]`,
    )
    await expect(read(eventsContext(), 3n)).rejects.toThrow("event 3 cannot")
    await expect(read(eventsContext(), 0n, { direction: "backward" })).rejects.toThrow("events 2 to 3")
    expect(await read(eventsContext(), 4n)).toEqual([4, 5, 6])
  })

  it("is read past with a warning, if that is wanted", async () => {
    await write(7)
    await deleteItem(0)
    await deleteItem(2)
    expect(await read(eventsContext({ ignoreMissing: true }))).toEqual([4, 5, 6])
    expect(await read(eventsContext({ ignoreMissing: true }), 0n, { direction: "backward" })).toEqual([6, 5, 4])
    expect(warnings).toMatchInlineSnapshot(`
      [
        "stream "Cart-1": events 0 to 3 cannot be found; QueryOptions.ignoreMissing reads past a hole",
        "stream "Cart-1": events 0 to 3 cannot be found; QueryOptions.ignoreMissing reads past a hole",
      ]
    `)
  })

  it.each(directions)("is filled from the archive: %s", async (direction) => {
    await write(9)
    for (const i of [0, 2, 4]) {
      const { Item } = await fake.getItem({ TableName: "events", Key: { p: { S: stream }, i: { N: String(i) } } })
      await fake.putItem({ TableName: "archive", Item: Item! })
      await deleteItem(i)
    }
    const context = eventsContext({ maxItems: 2 }, { archiveTableName: "archive" })
    const expected = [1, 2, 3, 4, 5, 6]
    expect(await read(context, 1n, { before: 7n, direction })).toEqual(
      direction === "forward" ? expected : expected.toReversed(),
    )
    await deleteItem(2, "archive")
    await expect(read(context, 0n, { direction })).rejects.toThrow("events 2 to 3")
  })
})
