import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Item } from "../attribute-value.js"
import { FakeDynamoDB } from "../index.js"
import { createEvents, keyOf } from "../test-table.js"

interface Page {
  readonly Items?: Item[] | undefined
  readonly LastEvaluatedKey?: Item | undefined
}

/** Follows the pages to their end. */
async function everything(read: (ExclusiveStartKey: Item | undefined) => Promise<Page>): Promise<Item[]> {
  const items: Item[] = []
  for (let start: Item | undefined; ;) {
    const { Items = [], LastEvaluatedKey } = await read(start)
    items.push(...Items)
    if (LastEvaluatedKey === undefined) return items
    start = LastEvaluatedKey
  }
}

const start = (ExclusiveStartKey: Item | undefined) => (ExclusiveStartKey ? { ExclusiveStartKey } : {})
const TableName = "events"
const inA = { TableName, KeyConditionExpression: "p = :p", ExpressionAttributeValues: { ":p": { S: "a" } } }

async function filled(items: readonly Item[]): Promise<FakeDynamoDB> {
  const fake = new FakeDynamoDB()
  await createEvents(fake)
  for (const Item of items) await fake.putItem({ TableName, Item })
  return fake
}

const keys = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 20 })

describe("a query", () => {
  it("gives what its condition says in the order of the numbers, page by page, both ways", async () => {
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        async (numbers, low, Limit, ScanIndexForward) => {
          const fake = await filled(numbers.map((n) => keyOf("a", n)))
          await fake.putItem({ TableName, Item: keyOf("b", 0) })
          const query = {
            ...inA,
            KeyConditionExpression: "p = :p AND i >= :low",
            ExpressionAttributeValues: { ":p": { S: "a" }, ":low": { N: String(low) } },
            Limit,
            ScanIndexForward,
          }
          const items = await everything((key) => fake.query({ ...query, ...start(key) }))
          const expected = numbers.filter((n) => n >= low).sort((a, b) => (ScanIndexForward ? a - b : b - a))
          expect(items).toEqual(expected.map((n) => keyOf("a", n)))
        },
      ),
      { numRuns: 100 },
    )
  })

  it("goes on from a key that no item has, and from none that it could not have come to", async () => {
    const fake = await filled([1, 2, 4].map((n) => keyOf("a", n)))
    const from = (p: string, n: number, more: object = {}) =>
      fake.query({ ...inA, ...more, ExclusiveStartKey: keyOf(p, n) }).then(
        ({ Items }) => Items!.map(({ i }) => i!.N),
        (error: unknown) => (error as Error).message,
      )
    expect(await from("a", 3)).toEqual(["4"])
    expect(await from("a", 3, { ScanIndexForward: false })).toEqual(["2", "1"])
    expect(await from("b", 3)).toBe(
      "The provided starting key is outside query boundaries based on provided conditions",
    )
    const above = {
      KeyConditionExpression: "p = :p AND i > :i",
      ExpressionAttributeValues: { ":p": { S: "a" }, ":i": { N: "2" } },
    }
    expect(await from("a", 2, above)).toBe("The provided starting key does not match the range key predicate")
    expect(await from("a", 3, above)).toEqual(["4"])
  })

  it("ends a page at 1 MB, counted before the filter", async () => {
    const fake = await filled(
      Array.from({ length: 6 }, (_, i) => ({ ...keyOf("a", i), x: { S: "x".repeat(300_000) } })),
    )
    const page = await fake.query({
      ...inA,
      FilterExpression: "attribute_exists(y)",
      ReturnConsumedCapacity: "TOTAL",
    })
    expect(page).toMatchObject({ Count: 0, ScannedCount: 4, LastEvaluatedKey: keyOf("a", 3), Items: [] })
    expect(page.ConsumedCapacity).toEqual({ TableName, CapacityUnits: 146.5 })
    const rest = await fake.query({ ...inA, ExclusiveStartKey: keyOf("a", 3) })
    expect(rest).toMatchObject({ Count: 2, ScannedCount: 2 })
    expect(rest.LastEvaluatedKey).toBeUndefined()
  })

  it("costs at least as much as the smallest read", async () => {
    const fake = await filled([])
    const cost = async (ConsistentRead: boolean) =>
      (await fake.query({ ...inA, ConsistentRead, ReturnConsumedCapacity: "INDEXES" })).ConsumedCapacity
    expect(await cost(false)).toEqual({ TableName, CapacityUnits: 0.5, Table: { CapacityUnits: 0.5 } })
    expect(await cost(true)).toMatchObject({ CapacityUnits: 1 })
  })

  it("counts without giving", async () => {
    const fake = await filled([1, 2].map((n) => keyOf("a", n)))
    const { $metadata: _, ...page } = await fake.query({ ...inA, Select: "COUNT" })
    expect(page).toEqual({ Count: 2, ScannedCount: 2 })
  })
})

describe("a scan", () => {
  it("gives each item once, over all pages and segments", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "d", "é"), fc.nat(3)), { selector: String }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (all, Limit, TotalSegments) => {
          const fake = await filled(all.map(([p, i]) => keyOf(p, i)))
          const segments = Array.from({ length: TotalSegments }, (_, Segment) =>
            everything((key) => fake.scan({ TableName, Limit, Segment, TotalSegments, ...start(key) })),
          )
          const items = (await Promise.all(segments)).flat()
          expect(items).toEqual(fake.database.dump(TableName))
          expect(items).toHaveLength(all.length)
        },
      ),
      { numRuns: 100 },
    )
  })

  it("is in an order that does not depend on how the items came", async () => {
    const keysOfItems = Array.from({ length: 50 }, (_, n) => keyOf(`stream-${n}`, n))
    const one = (await filled(keysOfItems)).database.dump(TableName)
    const other = (await filled(keysOfItems.toReversed())).database.dump(TableName)
    expect(other).toEqual(one)
  })
})
