import { describe, expect, it } from "vitest"
import { FakeDynamoDB, type ServiceConditions } from "../index.js"
import { createEvents, keyOf } from "../test-table.js"

async function setUp(conditions: ServiceConditions = {}) {
  const fake = new FakeDynamoDB({ conditions })
  await createEvents(fake)
  await createEvents(fake, "other")
  return fake
}

const puts = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, i) => ({ PutRequest: { Item: { ...keyOf("a", i), ...more } } }))

describe("a batch of writes", () => {
  it("writes up to 25 items of several tables", async () => {
    const fake = await setUp()
    const batch = { events: puts(20), other: [...puts(4), { DeleteRequest: { Key: keyOf("b", 1) } }] }
    const answer = await fake.batchWriteItem({ RequestItems: batch, ReturnConsumedCapacity: "TOTAL" })
    expect(answer).toMatchObject({
      UnprocessedItems: {},
      ConsumedCapacity: [
        { TableName: "events", CapacityUnits: 20 },
        { TableName: "other", CapacityUnits: 5 },
      ],
    })
    expect(fake.database.dump("events")).toHaveLength(20)
    const tooMany = { RequestItems: { events: puts(20), other: puts(6) } }
    await expect(fake.batchWriteItem(tooMany)).rejects.toThrow("Too many items requested for the BatchWriteItem call")
    await expect(fake.batchWriteItem({ RequestItems: { events: puts(26) } })).rejects.toThrow(
      "1 validation error detected: Value at 'RequestItems.events.member' failed to satisfy constraint: Member must have length less than or equal to 25",
    )
  })

  it("writes nothing if anything is wrong with it", async () => {
    const fake = await setUp()
    const send = (...requests: object[]) =>
      fake.batchWriteItem({ RequestItems: { events: [...puts(1), ...requests] } }).catch((e: unknown) => String(e))
    expect(await send(...puts(1))).toBe("ValidationException: Provided list of item keys contains duplicates")
    const mismatch = "ValidationException: The provided key element does not match the schema"
    expect(await send({ PutRequest: { Item: { p: { S: "a" } } } })).toBe(mismatch)
    expect(await send({ PutRequest: { Item: { p: { N: "1" }, i: { N: "1" } } } })).toBe(mismatch)
    expect(await send({ DeleteRequest: { Key: { p: { S: "a" } } } })).toBe(mismatch)
    const large = { PutRequest: { Item: { ...keyOf("b", 1), x: { S: "x".repeat(409_600) } } } }
    expect(await send(large)).toBe("ValidationException: Item size has exceeded the maximum allowed size")
    expect(fake.database.dump("events")).toEqual([])
  })

  it("hands back what was throttled, and fails if all was", async () => {
    let calls = 0
    const fake = await setUp({ throttles: () => ++calls % 2 === 1 })
    const { UnprocessedItems } = await fake.batchWriteItem({ RequestItems: { events: puts(4) } })
    expect(UnprocessedItems).toEqual({ events: [puts(4)[0], puts(4)[2]] })
    expect(fake.database.dump("events")).toEqual([keyOf("a", 1), keyOf("a", 3)])
    const all = await setUp({ throttles: () => true })
    await expect(all.batchWriteItem({ RequestItems: { events: puts(2) } })).rejects.toMatchObject({
      name: "ProvisionedThroughputExceededException",
    })
  })
})

describe("a batch of reads", () => {
  it("gives the items that there are, of several tables", async () => {
    const fake = await setUp()
    await fake.batchWriteItem({ RequestItems: { events: puts(3, { x: { S: "x" } }), other: puts(1) } })
    const answer = await fake.batchGetItem({
      RequestItems: {
        events: {
          Keys: [keyOf("a", 2), keyOf("b", 1), keyOf("a", 0)],
          ProjectionExpression: "x",
          ConsistentRead: true,
        },
        other: { Keys: [keyOf("a", 0)] },
      },
      ReturnConsumedCapacity: "TOTAL",
    })
    expect(answer).toMatchObject({
      Responses: { events: [{ x: { S: "x" } }, { x: { S: "x" } }], other: [keyOf("a", 0)] },
      UnprocessedKeys: {},
      ConsumedCapacity: [{ CapacityUnits: 3 }, { CapacityUnits: 0.5 }],
    })
  })

  it("hands back the keys that 16 MB have no room for", async () => {
    const fake = await setUp()
    const x = { S: "x".repeat(400_000) }
    for (let i = 0; i < 45; i++) await fake.putItem({ TableName: "events", Item: { ...keyOf("a", i), x } })
    const Keys = Array.from({ length: 45 }, (_, i) => keyOf("a", i))
    const { Responses, UnprocessedKeys } = await fake.batchGetItem({ RequestItems: { events: { Keys } } })
    expect(Responses!["events"]).toHaveLength(41)
    expect(UnprocessedKeys).toEqual({ events: { Keys: Keys.slice(41) } })
  })

  it("has 1 to 100 keys, each once", async () => {
    const fake = await setUp()
    const get = (events: number, other = 0) => {
      const keys = (count: number) => ({ Keys: Array.from({ length: count }, (_, i) => keyOf("a", i)) })
      return fake.batchGetItem({ RequestItems: { events: keys(events), ...(other > 0 && { other: keys(other) }) } })
    }
    await expect(get(60, 41)).rejects.toThrow("Too many items requested for the BatchGetItem call")
    await expect(get(101)).rejects.toThrow("Member must have length less than or equal to 100")
    await expect(get(0)).rejects.toThrow("Member must have length greater than or equal to 1")
    const twice = { events: { Keys: [keyOf("a", 1), { p: { S: "a" }, i: { N: "1.0" } }] } }
    await expect(fake.batchGetItem({ RequestItems: twice })).rejects.toThrow(
      "Provided list of item keys contains duplicates",
    )
  })
})
