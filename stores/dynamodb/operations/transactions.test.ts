import type { TransactWriteItem } from "@aws-sdk/client-dynamodb"
import { describe, expect, it } from "vitest"
import { ManualClock } from "../../../engine/manual-clock.js"
import { FakeDynamoDB, type ItemChange } from "../index.js"
import { createEvents, keyOf } from "../test-table.js"

const put = (i: number, n = 1): TransactWriteItem => ({
  Put: { TableName: "events", Item: { ...keyOf("a", i), n: { N: String(n) } } },
})
const guarded = (i: number): TransactWriteItem => ({
  Put: {
    TableName: "events",
    Item: keyOf("a", i),
    ConditionExpression: "attribute_not_exists(p)",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  },
})
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: unknown) => {
      const { name, message, CancellationReasons } = error as Error & { CancellationReasons?: unknown }
      return CancellationReasons === undefined ? { name, message } : { name, message, CancellationReasons }
    },
  )

async function setUp(transactionMs = 0) {
  const clock = new ManualClock(1_000_000)
  const fake = new FakeDynamoDB({ clock, conditions: { transactionMs: () => transactionMs } })
  await createEvents(fake)
  const write = (...TransactItems: TransactWriteItem[]) => fake.transactWriteItems({ TransactItems })
  return { clock, fake, write }
}

describe("a transaction", () => {
  it("writes all or nothing, and says why not for each of its items", async () => {
    const { fake, write } = await setUp()
    await write(put(1), put(2))
    expect(await outcome(write(guarded(3), guarded(1)))).toEqual({
      name: "TransactionCanceledException",
      message:
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]",
      CancellationReasons: [
        { Code: "None" },
        {
          Code: "ConditionalCheckFailed",
          Message: "The conditional request failed",
          Item: { ...keyOf("a", 1), n: { N: "1" } },
        },
      ],
    })
    expect(fake.database.dump("events")).toHaveLength(2)
  })

  it("tells its changes in the order of its items, in one turn", async () => {
    const { fake, write } = await setUp()
    await write(put(2))
    const changes: ItemChange[] = []
    const stop = fake.database.onChange((change) => changes.push(change))
    const writing = write(
      put(3),
      { Delete: { TableName: "events", Key: keyOf("a", 2) } },
      { ConditionCheck: { TableName: "events", Key: keyOf("a", 9), ConditionExpression: "attribute_not_exists(p)" } },
      put(1),
    )
    expect(changes.map(({ sequence, key }) => [sequence, key["i"]!.N])).toEqual([
      [2n, "3"],
      [3n, "2"],
      [4n, "1"],
    ])
    expect(changes[1]).toMatchObject({ at: 1_000_000, before: { n: { N: "1" } } })
    await writing
    stop()
    await write(put(1))
    expect(changes).toHaveLength(3)
  })

  it("is cancelled where a key or an update does not fit, and wrong where the request is", async () => {
    const { fake, write } = await setUp()
    await write(put(1))
    const reasons = async (item: TransactWriteItem) => (await outcome(write(put(9), item))) as object
    const update = { TableName: "events", Key: keyOf("a", 1), UpdateExpression: "SET x = nothing" }
    expect(await reasons({ Update: update })).toMatchObject({
      CancellationReasons: [
        { Code: "None" },
        {
          Code: "ValidationError",
          Message: "The provided expression refers to an attribute that does not exist in the item",
        },
      ],
    })
    const wrongType = { TableName: "events", Item: { p: { N: "1" }, i: { N: "1" } } }
    expect(await reasons({ Put: wrongType })).toMatchObject({
      CancellationReasons: [
        { Code: "None" },
        {
          Code: "ValidationError",
          Message: "One or more parameter values were invalid: Type mismatch for key p expected: S actual: N",
        },
      ],
    })
    expect(await reasons({ Delete: { TableName: "events", Key: keyOf("", 1) } })).toEqual({
      name: "ValidationException",
      message:
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: p",
    })
    expect(fake.database.dump("events")).toHaveLength(1)
  })

  it("has 1 to 100 items, each once, and 4 MB", async () => {
    const { write } = await setUp()
    const many = (count: number) => Array.from({ length: count }, (_, i) => put(i))
    const big = (i: number): TransactWriteItem => ({
      Put: { TableName: "events", Item: { ...keyOf("b", i), x: { S: "x".repeat(399_000) } } },
    })
    expect(await outcome(write(...many(100)))).toBe("done")
    expect(await outcome(write(...many(101)))).toMatchObject({
      message:
        "1 validation error detected: Value at 'TransactItems' failed to satisfy constraint: Member must have length less than or equal to 100",
    })
    expect(await outcome(write())).toMatchObject({ name: "ValidationException" })
    expect(await outcome(write(put(1), put(1)))).toMatchObject({
      message: "Transaction request cannot include multiple operations on one item",
    })
    expect(await outcome(write(...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(big)))).toBe("done")
    expect(await outcome(write(...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(big)))).toMatchObject({
      name: "ValidationException",
    })
  })
})

describe("while a transaction holds its items", () => {
  const conflict = { name: "TransactionConflictException", message: "Transaction is ongoing for the item" }

  it("other writes of them are refused, and reads see what was before", async () => {
    const { clock, fake, write } = await setUp(10)
    await fake.putItem({ TableName: "events", Item: keyOf("a", 1) })
    const writing = outcome(write(put(1), put(2)))
    const key = { TableName: "events", Key: keyOf("a", 1) }
    expect(await outcome(fake.updateItem({ ...key, UpdateExpression: "REMOVE n" }))).toEqual(conflict)
    expect(await outcome(fake.deleteItem(key))).toEqual(conflict)
    expect(await outcome(fake.putItem({ TableName: "events", Item: keyOf("a", 2) }))).toEqual(conflict)
    expect(await outcome(write(put(3), guarded(1)))).toMatchObject({
      CancellationReasons: [
        { Code: "None" },
        { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" },
      ],
    })
    const get = { TransactItems: [{ Get: key }] }
    expect(await outcome(fake.transactGetItems(get))).toMatchObject({
      CancellationReasons: [{ Code: "TransactionConflict" }],
    })
    const batch = { events: [{ DeleteRequest: { Key: keyOf("a", 1) } }, { DeleteRequest: { Key: keyOf("a", 7) } }] }
    expect((await fake.batchWriteItem({ RequestItems: batch })).UnprocessedItems).toEqual({
      events: [{ DeleteRequest: { Key: keyOf("a", 1) } }],
    })
    expect((await fake.getItem({ ...key, ConsistentRead: true })).Item).toEqual(keyOf("a", 1))
    await clock.advance(10)
    expect(await writing).toBe("done")
    expect((await fake.getItem(key)).Item).toEqual({ ...keyOf("a", 1), n: { N: "1" } })
    expect(await outcome(fake.deleteItem(key))).toBe("done")
  })

  it("a refused one holds nothing", async () => {
    const { fake, write } = await setUp(10)
    await fake.putItem({ TableName: "events", Item: keyOf("a", 1) })
    await outcome(write(put(2), guarded(1)))
    expect(await outcome(fake.putItem({ TableName: "events", Item: keyOf("a", 2) }))).toBe("done")
  })
})

describe("a token", () => {
  const request = (n: number, ClientRequestToken = "token") => ({
    ClientRequestToken,
    TransactItems: [put(1, n)],
    ReturnConsumedCapacity: "TOTAL" as const,
  })

  it("makes a repeated request have no effect, for ten minutes", async () => {
    const { clock, fake } = await setUp()
    const first = await fake.transactWriteItems(request(1))
    expect(first.ConsumedCapacity).toEqual([{ TableName: "events", CapacityUnits: 2, WriteCapacityUnits: 2 }])
    await fake.putItem({ TableName: "events", Item: keyOf("a", 1) })
    await clock.advance(10 * 60_000 - 1)
    const again = await fake.transactWriteItems(request(1))
    expect(again.ConsumedCapacity).toEqual([{ TableName: "events", CapacityUnits: 2, ReadCapacityUnits: 2 }])
    expect(fake.database.dump("events")).toEqual([keyOf("a", 1)])
    await clock.advance(1)
    await fake.transactWriteItems(request(1))
    expect(fake.database.dump("events")).toEqual([{ ...keyOf("a", 1), n: { N: "1" } }])
  })

  it("belongs to one request", async () => {
    const { fake } = await setUp()
    await fake.transactWriteItems(request(1))
    expect(await outcome(fake.transactWriteItems(request(2)))).toMatchObject({
      name: "IdempotentParameterMismatchException",
    })
    expect(await outcome(fake.transactWriteItems(request(2, "another")))).toBe("done")
  })

  it("is free again after a failure, and taken while the request goes on", async () => {
    const { clock, fake } = await setUp(10)
    const failing = { ClientRequestToken: "token", TransactItems: [guarded(1)] }
    await fake.putItem({ TableName: "events", Item: keyOf("a", 1) })
    expect(await outcome(fake.transactWriteItems(failing))).toMatchObject({ name: "TransactionCanceledException" })
    const running = outcome(fake.transactWriteItems(request(2)))
    expect(await outcome(fake.transactWriteItems(request(2)))).toMatchObject({ name: "TransactionInProgressException" })
    await clock.advance(10)
    expect(await running).toBe("done")
  })
})

it("throttled requests have no effect", async () => {
  const asked: unknown[] = []
  let throttled = false
  const throttles = (request: object) => {
    asked.push(request)
    return throttled
  }
  const fake = new FakeDynamoDB({ conditions: { throttles } })
  await createEvents(fake)
  await createEvents(fake, "other")
  throttled = true
  const write = { TransactItems: [put(1), { Put: { TableName: "other", Item: keyOf("a", 1) } }] }
  expect(await outcome(fake.transactWriteItems(write))).toMatchObject({
    name: "ProvisionedThroughputExceededException",
  })
  expect(await outcome(fake.putItem({ TableName: "events", Item: keyOf("a", 1) }))).toMatchObject({
    name: "ProvisionedThroughputExceededException",
  })
  expect(asked).toEqual([
    { operation: "TransactWriteItems", tableName: undefined },
    { operation: "PutItem", tableName: "events" },
  ])
  expect(fake.database.dump("events")).toEqual([])
})
