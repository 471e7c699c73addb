import { describe, expect, it } from "vitest"
import { FakeDynamoDB } from "../index.js"
import { createEvents, keyOf } from "../test-table.js"

const TableName = "events"
const Key = keyOf("a", 1)

async function setUp() {
  const fake = new FakeDynamoDB()
  await createEvents(fake)
  return fake
}

const message = (error: unknown) => (error as Error).message

describe("an update", () => {
  const update = {
    TableName,
    Key,
    UpdateExpression: "SET n = :n, m.x = :n REMOVE gone",
    ExpressionAttributeValues: { ":n": { N: "2" } },
  }
  const before = { ...Key, n: { N: "1" }, m: { M: { x: { N: "1" }, y: { N: "1" } } }, gone: { S: "" } }
  const after = { ...Key, n: { N: "2" }, m: { M: { x: { N: "2" }, y: { N: "1" } } } }

  it.each([
    ["NONE", undefined],
    ["ALL_OLD", before],
    ["ALL_NEW", after],
    ["UPDATED_OLD", { n: { N: "1" }, m: { M: { x: { N: "1" } } }, gone: { S: "" } }],
    ["UPDATED_NEW", { n: { N: "2" }, m: { M: { x: { N: "2" } } } }],
  ] as const)("with %s gives", async (ReturnValues, attributes) => {
    const fake = await setUp()
    await fake.putItem({ TableName, Item: before })
    expect((await fake.updateItem({ ...update, ReturnValues })).Attributes).toEqual(attributes)
  })

  it("of no item makes one, also without an expression", async () => {
    const fake = await setUp()
    const answer = await fake.updateItem({ TableName, Key, ReturnValues: "ALL_OLD" })
    expect(answer.Attributes).toBeUndefined()
    await fake.updateItem({ TableName, Key: keyOf("a", 2), UpdateExpression: "REMOVE x" })
    expect(fake.database.dump(TableName)).toEqual([Key, keyOf("a", 2)])
  })

  it("leaves the key alone", async () => {
    const fake = await setUp()
    const input = { TableName, Key, UpdateExpression: "SET i = :i", ExpressionAttributeValues: { ":i": { N: "1" } } }
    expect(await fake.updateItem(input).catch(message)).toBe(
      "One or more parameter values were invalid: Cannot update attribute i. This attribute is part of the key",
    )
  })

  it("may not make an item larger than 400 KB, to the byte", async () => {
    const fake = await setUp()
    const grow = (length: number) =>
      fake.updateItem({
        TableName,
        Key,
        UpdateExpression: "SET x = :x",
        ExpressionAttributeValues: { ":x": { S: "x".repeat(length) } },
      })
    const room = 409_600 - "p".length - "a".length - "i".length - 2 - "x".length
    await grow(room)
    expect(await grow(room + 1).catch(message)).toBe("Item size to update has exceeded the maximum allowed size")
  })
})

describe("a condition that does not hold", () => {
  it("gives the item only if that is asked for", async () => {
    const fake = await setUp()
    await fake.putItem({ TableName, Item: Key })
    const remove = { TableName, Key, ConditionExpression: "attribute_exists(x)" }
    const failed = (input: object) => fake.deleteItem({ ...remove, ...input }).catch((error: unknown) => error)
    expect(await failed({})).toHaveProperty("Item", undefined)
    expect(await failed({ ReturnValuesOnConditionCheckFailure: "ALL_OLD" })).toMatchObject({ Item: Key })
    expect(await failed({ Key: keyOf("a", 2), ReturnValuesOnConditionCheckFailure: "ALL_OLD" })).toHaveProperty(
      "Item",
      undefined,
    )
  })
})

describe("keys", () => {
  it.each([
    ["The provided key element does not match the schema", { p: { S: "a" } }],
    ["The provided key element does not match the schema", { ...Key, x: { S: "x" } }],
    ["The provided key element does not match the schema", { p: { S: "a" }, i: { S: "1" } }],
    [
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: p",
      keyOf("", 1),
    ],
    [
      "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes",
      keyOf("x".repeat(2049), 1),
    ],
  ])("that do not fit: %s", async (expected, key) => {
    const fake = await setUp()
    expect(await fake.getItem({ TableName, Key: key }).catch(message)).toBe(expected)
  })

  it.each([
    (fake: FakeDynamoDB) => fake.getItem({ TableName, Key, ProjectionExpression: "p.x" }),
    (fake: FakeDynamoDB) => fake.putItem({ TableName, Item: Key, ConditionExpression: "attribute_exists(p.x)" }),
    (fake: FakeDynamoDB) => fake.updateItem({ TableName, Key, UpdateExpression: "SET x = if_not_exists(p[0], i)" }),
    (fake: FakeDynamoDB) => fake.scan({ TableName, FilterExpression: "size(p.x) > i" }),
  ])("are scalars to expressions: %#", async (call) => {
    expect(await call(await setUp()).catch(message)).toBe(
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: p",
    )
  })

  it("of items are told by name", async () => {
    const fake = await setUp()
    const put = (Item: object) => fake.putItem({ TableName, Item: Item as never }).catch(message)
    expect(await put({ p: { S: "a" } })).toBe(
      "One or more parameter values were invalid: Missing the key i in the item",
    )
    expect(await put({ p: { S: "a" }, i: { BOOL: true } })).toBe(
      "One or more parameter values were invalid: Type mismatch for key i expected: N actual: BOOL",
    )
  })

  it("are the same if their numbers are", async () => {
    const fake = await setUp()
    await fake.putItem({ TableName, Item: { p: { S: "a" }, i: { N: "1.0e2" } } })
    expect((await fake.getItem({ TableName, Key: keyOf("a", 100) })).Item).toEqual(keyOf("a", 100))
  })
})

it.each([
  ["a missing table", { TableName: "none", Key }, "Requested resource not found"],
  [
    "no table",
    { TableName: undefined, Key },
    "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null",
  ],
  [
    "an unknown kind of capacity",
    { TableName, Key, ReturnConsumedCapacity: "ALL" as never },
    "1 validation error detected: Value 'ALL' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]",
  ],
])("%s is told", async (_, input, expected) => {
  const fake = await setUp()
  expect(await fake.getItem(input).catch(message)).toBe(expected)
})

it("a table is known by its ARN too", async () => {
  const fake = await setUp()
  const { Table } = await fake.describeTable({ TableName })
  await fake.putItem({ TableName: Table!.TableArn!, Item: Key })
  expect(fake.database.dump(TableName)).toEqual([Key])
})
