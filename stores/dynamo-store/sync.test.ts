import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { beforeEach, describe, expect, it } from "vitest"
import { ManualClock } from "../../engine/manual-clock.js"
import { FakeDynamoDB } from "../dynamodb/fake-dynamodb.js"
import { DynamoStoreClient } from "./dynamo-store-client.js"
import { DynamoStoreContext } from "./dynamo-store-context.js"
import { EventsContext } from "./events-context.js"
import type { NewEvent } from "./new-event.js"
import type { Position } from "./position.js"
import { ScriptedClient, serviceFailure } from "./scripted-client.js"
import { createTables } from "./tables.js"

const stream = "Cart-1"
const added: NewEvent = { type: "Added", data: "1" }
const mine: NewEvent = { type: "Added", data: `"mine"` }
const other: NewEvent = { type: "Added", data: `"other"` }

let fake: FakeDynamoDB
let client: ScriptedClient
let clock: ManualClock
let events: EventsContext

beforeEach(async () => {
  clock = new ManualClock(1_700_000_000_000)
  fake = new FakeDynamoDB({ clock })
  client = new ScriptedClient(fake)
  await createTables(fake, { events: "events", index: "index", clock })
  events = contextOf(client)
})

function contextOf(client: ScriptedClient | FakeDynamoDB, maxEvents = 3): EventsContext {
  const tip = { maxEvents }
  return new EventsContext(
    DynamoStoreContext.create({ client: new DynamoStoreClient(client), tableName: "events", tip, clock }),
  )
}

async function append(...added: NewEvent[]): Promise<Position> {
  const outcome = await events.sync(stream, await events.position(stream, { consistent: true }), added)
  client.sent()
  return outcome.position!
}

/** Another process is faster; its Tip may be smaller. */
const another =
  (event = other, maxEvents = 3) =>
  async () => {
    const theirs = contextOf(fake, maxEvents)
    await theirs.sync(stream, await theirs.position(stream, { consistent: true }), [event])
  }

const stored = async () => (await events.read(stream, 0n, { consistent: true })).map(({ data }) => data)

const itemAt = async (i: number): Promise<Record<string, AttributeValue> | undefined> =>
  (await fake.getItem({ TableName: "events", Key: { p: { S: stream }, i: { N: String(i) } } })).Item

describe("a conflict", () => {
  it("is told with where the stream is now", async () => {
    const position = await append(added)
    client.next("updateItem", { before: another() })
    const outcome = await events.sync(stream, position, [mine])
    expect(outcome).toMatchObject({ type: "conflict", position: { index: 2n } })
    expect(client.sent()).toEqual(["updateItem", "getItem"])
    expect(await stored()).toEqual(["1", other.data])
  })

  it("is one when somebody else made the stream first", async () => {
    client.next("putItem", { before: another() })
    expect(await events.sync(stream, undefined, [mine])).toMatchObject({ type: "conflict", position: { index: 1n } })
  })

  it("is one when a stream that is there is taken for new, and when one that is gone is taken for there", async () => {
    const position = await append(added)
    expect(await events.sync(stream, undefined, [mine])).toMatchObject({ type: "conflict", position: { index: 1n } })
    await fake.deleteItem({ TableName: "events", Key: { p: { S: stream }, i: { N: "2147483647" } } })
    expect(await events.sync(stream, position, [mine])).toEqual({ type: "conflict", position: undefined })
  })

  it("is one when both calve, and when the other only appended", async () => {
    const full = await append(added, added, added)
    client.next("transactWriteItems", { before: another() })
    expect(await events.sync(stream, full, [mine])).toMatchObject({ type: "conflict", position: { index: 4n } })

    const next = await append(added, added)
    client.next("transactWriteItems", { before: another(other, 100) })
    expect(await events.sync(stream, next, [mine, mine])).toMatchObject({ type: "conflict", position: { index: 7n } })
  })

  it("is one when only an unfold was written, which the version does not show", async () => {
    const position = await append(added)
    await contextOf(fake).sync(stream, position, [], [{ type: "Snap", data: "7" }])
    expect(await events.sync(stream, position, [mine])).toMatchObject({ type: "conflict", position: { index: 1n } })
  })

  it.each([
    ["updateItem", serviceFailure("TransactionConflictException")],
    [
      "updateItem",
      serviceFailure("TransactionCanceledException", 1, {
        CancellationReasons: [{ Code: "None" }, { Code: "TransactionConflict" }],
      }),
    ],
  ] as const)("is one when %s meets a running transaction", async (operation, fail) => {
    const position = await append(added)
    client.next(operation, { fail })
    expect(await events.sync(stream, position, [mine])).toMatchObject({ type: "conflict", position: { index: 1n } })
  })

  it("of a writer that was refused for another reason is none", async () => {
    const position = await append(added)
    client.next("updateItem", { fail: serviceFailure("ProvisionedThroughputExceededException") })
    await expect(events.sync(stream, position, [mine])).rejects.toThrow("ProvisionedThroughputExceededException")
    expect(client.sent()).toEqual(["updateItem"])
  })
})

describe("an append whose answer does not come", () => {
  const operations = [
    ["putItem", 0],
    ["updateItem", 1],
    ["transactWriteItems", 3],
  ] as const

  const positionWith = (count: number) =>
    count === 0 ? Promise.resolve(undefined) : append(...Array.from({ length: count }, () => added))

  it.each(operations)("has succeeded if its etag is in the Tip: %s", async (operation, count) => {
    const position = await positionWith(count)
    client.next(operation, { lose: "reply" })
    expect(await events.sync(stream, position, [mine])).toMatchObject({ type: "written" })
    expect(client.sent()).toEqual([operation, "getItem"])
    expect((await stored()).filter((data) => data === mine.data)).toHaveLength(1)
  })

  it.each(operations)("has failed if the Tip is as it was: %s", async (operation, count) => {
    const position = await positionWith(count)
    client.next(operation, { lose: "request" })
    await expect(events.sync(stream, position, [mine])).rejects.toThrow("socket hang up")
    expect(await stored()).not.toContain(mine.data)
  })

  it("fails with its own error if the Tip cannot be read either", async () => {
    const position = await append(added)
    client.next("updateItem", { lose: "reply" })
    client.next("getItem", { fail: new Error("still no network") })
    await expect(events.sync(stream, position, [mine])).rejects.toThrow("socket hang up")
  })

  it("fails if others have written since: nobody knows", async () => {
    const position = await append(added)
    client.next("updateItem", { lose: "reply", after: another() })
    await expect(events.sync(stream, position, [mine])).rejects.toThrow("socket hang up")
  })
})

describe("an append that the transport repeated", () => {
  it("has succeeded, although the repetition met the first attempt's effect", async () => {
    client.next("putItem", { repeat: true })
    const first = await events.sync(stream, undefined, [mine])
    client.next("updateItem", { repeat: true })
    expect(await events.sync(stream, first.position, [mine])).toMatchObject({
      type: "written",
      position: { index: 2n },
    })
    expect(await stored()).toEqual([mine.data, mine.data])
  })

  it("has succeeded, although others have written since, and calved its events", async () => {
    const position = await append(added)
    client.next("updateItem", { repeat: true, after: another(other, 1) })
    expect(await events.sync(stream, position, [mine, mine])).toMatchObject({
      type: "written",
      position: { index: 3n },
    })
    expect(await stored()).toEqual(["1", mine.data, mine.data, other.data])
  })

  it("has not if the events at its place are another's", async () => {
    const position = await append(added)
    client.next("updateItem", { before: another(), fail: serviceFailure("ConditionalCheckFailedException", 2) })
    expect(await events.sync(stream, position, [mine])).toMatchObject({ type: "conflict" })
    client.next("updateItem", {
      before: another({ ...mine, type: "Removed" }),
      fail: serviceFailure("ConditionalCheckFailedException", 2),
    })
    expect(await events.sync(stream, await events.position(stream), [mine])).toMatchObject({ type: "conflict" })
    await clock.advance(1)
    client.next("putItem", { fail: serviceFailure("ConditionalCheckFailedException", 2) })
    expect(await events.sync("Cart-2", undefined, [mine])).toMatchObject({ type: "conflict", position: undefined })
  })

  it("is a conflict if it stored unfolds only: what others wrote since has replaced them", async () => {
    const position = await append(added)
    client.next("updateItem", { repeat: true, after: another() })
    expect(await events.sync(stream, position, [], [{ type: "Snap", data: "1" }])).toMatchObject({ type: "conflict" })
  })

  it("is open if the repetition was throttled", async () => {
    const position = await append(added)
    client.next("updateItem", { fail: serviceFailure("ProvisionedThroughputExceededException", 2) })
    await expect(events.sync(stream, position, [mine])).rejects.toThrow("ProvisionedThroughput")
    expect(client.sent()).toEqual(["updateItem", "getItem"])
  })
})

describe("a calf that is there already", () => {
  it("is accepted if it holds the same events", async () => {
    const position = await append(added, other, added)
    const tip = await itemAt(2_147_483_647)
    const { a: _, b: __, etag: ___, ...calf } = tip!
    await fake.putItem({ TableName: "events", Item: { ...calf, i: { N: "0" }, u: { L: [] } } })
    const outcome = await events.sync(stream, position, [mine])
    expect(outcome).toMatchObject({ type: "written", position: { index: 4n } })
    expect(await stored()).toEqual(["1", other.data, "1", mine.data])
    expect((await itemAt(2_147_483_647))?.["e"]?.L).toHaveLength(1)
  })

  it("is an error that names it if it holds others", async () => {
    const position = await append(added, added, added)
    const calf = { p: { S: stream }, i: { N: "0" }, n: { N: "1" }, c: { L: [{ S: "X" }] }, e: { L: [{ M: {} }] } }
    await fake.putItem({ TableName: "events", Item: calf })
    await expect(events.sync(stream, position, [mine])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[CalfExistsError: stream "Cart-1": there is a calf at 0 already, with other events than the Tip's]`,
    )
    expect((await events.position(stream))?.index).toBe(3n)
  })
})

describe("an append of any size", () => {
  it("is refused before it is sent, if no item can hold it", async () => {
    // No compression helps with these.
    let x = 1
    const digit = () => String.fromCharCode(33 + ((x = (x * 48_271) % 2_147_483_647) % 90))
    const data = Array.from({ length: 600_000 }, digit).join("")
    await expect(events.sync(stream, undefined, [{ type: "Added", data }])).rejects.toMatchObject({
      name: "AppendTooLargeError",
      stream,
    })
    expect(client.sent()).toEqual([])
  })
})
