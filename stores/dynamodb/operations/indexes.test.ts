import type { CreateTableInput, Projection } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Item } from "../attribute-value.js"
import { FakeDynamoDB } from "../index.js"

const TableName = "events"
const globalKey = [{ AttributeName: "g", KeyType: "HASH" } as const, { AttributeName: "l", KeyType: "RANGE" } as const]
const localKey = [{ AttributeName: "p", KeyType: "HASH" } as const, { AttributeName: "l", KeyType: "RANGE" } as const]
const keysOnly: Projection = { ProjectionType: "KEYS_ONLY" }

const table: CreateTableInput = {
  TableName,
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: [
    { AttributeName: "p", KeyType: "HASH" },
    { AttributeName: "i", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "p", AttributeType: "S" },
    { AttributeName: "i", AttributeType: "N" },
    { AttributeName: "g", AttributeType: "S" },
    { AttributeName: "l", AttributeType: "N" },
  ],
  GlobalSecondaryIndexes: [
    { IndexName: "global", KeySchema: globalKey, Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["x"] } },
  ],
  LocalSecondaryIndexes: [{ IndexName: "local", KeySchema: localKey, Projection: keysOnly }],
}

async function withTable(): Promise<FakeDynamoDB> {
  const fake = new FakeDynamoDB()
  await fake.createTable(table)
  return fake
}

interface Change {
  readonly p: string
  readonly i: number
  readonly g: string | undefined
  readonly l: number | undefined
  readonly isDeleted: boolean
}

const change: fc.Arbitrary<Change> = fc.record({
  p: fc.constantFrom("a", "b"),
  i: fc.nat(3),
  g: fc.option(fc.constantFrom("G", "H"), { nil: undefined }),
  l: fc.option(fc.nat(3), { nil: undefined }),
  isDeleted: fc.boolean(),
})

const itemOf = ({ p, i, g, l }: Change): Item => ({
  p: { S: p },
  i: { N: String(i) },
  ...(g !== undefined && { g: { S: g } }),
  ...(l !== undefined && { l: { N: String(l) } }),
  x: { S: "x" },
  y: { S: "y" },
})

const without = (item: Item, ...names: string[]) =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)))

async function make(fake: FakeDynamoDB, one: Change): Promise<void> {
  const Item = itemOf(one)
  if (one.isDeleted) await fake.deleteItem({ TableName, Key: { p: Item["p"]!, i: Item["i"]! } })
  else await fake.putItem({ TableName, Item })
}

/** All items of one index key, following the pages one by one. */
async function read(fake: FakeDynamoDB, IndexName: string, attribute: string, S: string): Promise<Item[]> {
  const items: Item[] = []
  for (let start: Item | undefined; ;) {
    const { Items, LastEvaluatedKey } = await fake.query({
      TableName,
      IndexName,
      KeyConditionExpression: `${attribute} = :v`,
      ExpressionAttributeValues: { ":v": { S } },
      Limit: 1,
      ...(start && { ExclusiveStartKey: start }),
    })
    items.push(...Items!)
    if (LastEvaluatedKey === undefined) return items
    start = LastEvaluatedKey
  }
}

const sorted = (items: readonly Item[]) => items.map((item) => JSON.stringify(Object.entries(item).sort())).sort()

describe("an index", () => {
  it("has the items that have its keys, with what it projects, in the order of its key", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 30 }), async (changes) => {
        const fake = await withTable()
        for (const one of changes) await make(fake, one)
        const all = fake.database.dump(TableName)
        const has = (item: Item, name: string, value: string) => item[name]?.S === value && item["l"] !== undefined
        for (const g of ["G", "H"]) {
          const items = await read(fake, "global", "g", g)
          expect(sorted(items)).toEqual(
            sorted(all.filter((item) => has(item, "g", g)).map((item) => without(item, "y"))),
          )
          const order = items.map(({ l }) => Number(l!.N))
          expect(order).toEqual(order.toSorted((a, b) => a - b))
        }
        for (const p of ["a", "b"]) {
          const expected = all.filter((item) => has(item, "p", p)).map((item) => without(item, "g", "x", "y"))
          expect(sorted(await read(fake, "local", "p", p))).toEqual(sorted(expected))
        }
        const { Table } = await fake.describeTable({ TableName })
        const { Items } = await fake.scan({ TableName, IndexName: "global" })
        expect(Table!.GlobalSecondaryIndexes![0]!.ItemCount).toBe(Items!.length)
      }),
      { numRuns: 60 },
    )
  })

  it("that is added later has the items that were there", async () => {
    const fake = await withTable()
    await make(fake, { p: "a", i: 1, g: "G", l: 2, isDeleted: false })
    const IndexName = "later"
    await fake.updateTable({
      TableName,
      GlobalSecondaryIndexUpdates: [{ Create: { IndexName, KeySchema: globalKey, Projection: keysOnly } }],
    })
    expect(await read(fake, IndexName, "g", "G")).toHaveLength(1)
    await fake.updateTable({ TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName } }] })
    await expect(read(fake, IndexName, "g", "G")).rejects.toThrow("The table does not have the specified index: later")
  })

  it("refuses items whose attributes do not fit its key", async () => {
    const fake = await withTable()
    const key = { p: { S: "a" }, i: { N: "1" } }
    await expect(fake.putItem({ TableName, Item: { ...key, g: { N: "1" } } })).rejects.toThrow(
      "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: global",
    )
    await expect(fake.putItem({ TableName, Item: { ...key, g: { S: "" } } })).rejects.toThrow(
      "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: global, IndexKey: g",
    )
  })

  it("of a table is completed from the table where it is local, and refuses where it is global", async () => {
    const fake = await withTable()
    const one = { p: "a", i: 1, g: "G", l: 2, isDeleted: false }
    await make(fake, one)
    const query = (IndexName: string, condition: string, S: string) =>
      fake.query({
        TableName,
        IndexName,
        Select: "ALL_ATTRIBUTES",
        KeyConditionExpression: condition,
        ExpressionAttributeValues: { ":v": { S } },
        ReturnConsumedCapacity: "INDEXES",
      })
    expect(await query("local", "p = :v", "a")).toMatchObject({
      Items: [itemOf(one)],
      ConsumedCapacity: {
        CapacityUnits: 1,
        Table: { CapacityUnits: 0.5 },
        LocalSecondaryIndexes: { local: { CapacityUnits: 0.5 } },
      },
    })
    await expect(query("global", "g = :v", "G")).rejects.toThrow(
      "Select type ALL_ATTRIBUTES is not supported for global secondary index global because its projection type is not ALL",
    )
  })
})

describe("what a write costs", () => {
  const key = { p: { S: "a" }, i: { N: "1" } }
  const full = { ...key, g: { S: "G" }, l: { N: "1" }, x: { S: "x" } }

  it.each<[string, Item | undefined, Item, object]>([
    ["an item in no index", undefined, key, { CapacityUnits: 1, Table: { CapacityUnits: 1 } }],
    [
      "an item in both",
      undefined,
      full,
      {
        CapacityUnits: 3,
        LocalSecondaryIndexes: { local: { CapacityUnits: 1 } },
        GlobalSecondaryIndexes: { global: { CapacityUnits: 1 } },
      },
    ],
    ["the same item again", full, full, { CapacityUnits: 1 }],
    ["what no index has", full, { ...full, y: { S: "y" } }, { CapacityUnits: 1 }],
    [
      "what the global one projects",
      full,
      { ...full, x: { S: "z" } },
      { CapacityUnits: 2, GlobalSecondaryIndexes: { global: { CapacityUnits: 1 } } },
    ],
    [
      "another key in the global one",
      full,
      { ...full, g: { S: "H" } },
      { CapacityUnits: 3, GlobalSecondaryIndexes: { global: { CapacityUnits: 2 } } },
    ],
    [
      "a large item in place of a small one",
      key,
      { ...key, y: { S: "y".repeat(3000) } },
      { CapacityUnits: 3, Table: { CapacityUnits: 3 } },
    ],
  ])("%s", async (_, before, Item, expected) => {
    const fake = await withTable()
    if (before) await fake.putItem({ TableName, Item: before })
    const { ConsumedCapacity } = await fake.putItem({ TableName, Item, ReturnConsumedCapacity: "INDEXES" })
    expect(ConsumedCapacity).toMatchObject(expected)
    expect(ConsumedCapacity!.GlobalSecondaryIndexes === undefined).toBe(!("GlobalSecondaryIndexes" in expected))
  })

  it("in a transaction is double for the table", async () => {
    const fake = await withTable()
    const { ConsumedCapacity } = await fake.transactWriteItems({
      TransactItems: [{ Put: { TableName, Item: full } }],
      ReturnConsumedCapacity: "INDEXES",
    })
    expect(ConsumedCapacity).toMatchObject([
      { CapacityUnits: 4, WriteCapacityUnits: 4, Table: { CapacityUnits: 2, WriteCapacityUnits: 2 } },
    ])
  })
})

it("metrics of item collections are refused where there would be some", async () => {
  const fake = await withTable()
  const put = { TableName, Item: { p: { S: "a" }, i: { N: "1" } }, ReturnItemCollectionMetrics: "SIZE" as const }
  await expect(fake.putItem(put)).rejects.toThrow("does not have ReturnItemCollectionMetrics SIZE of PutItem")
})
