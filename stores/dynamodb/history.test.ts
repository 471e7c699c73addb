/** Reads that lag behind: they see one state that the table had, as a whole. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { InvalidOptionError } from "../../engine/options.js"
import { ManualClock } from "../../engine/manual-clock.js"
import type { Item } from "./attribute-value.js"
import { History } from "./history.js"
import { FakeDynamoDB } from "./index.js"
import type { Row } from "./row.js"
import { createEvents, keyOf } from "./test-table.js"

class MovedClock extends ManualClock {
  at = 1_000_000
  override now(): number {
    return this.at
  }
}

const p = { KeyConditionExpression: "p = :p", ExpressionAttributeValues: { ":p": { S: "a" } } }

describe("a read that lags", () => {
  it("sees the table as it was, in whatever way it reads", async () => {
    const change = fc.record({ i: fc.nat(4), n: fc.option(fc.nat(9), { nil: undefined }), after: fc.nat(30) })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 30 }), fc.nat(100), async (changes, lag) => {
        const clock = new MovedClock()
        const fake = new FakeDynamoDB({ clock, conditions: { lagMs: () => lag }, maxLagMs: 100 })
        await createEvents(fake)
        const states: { readonly at: number; readonly items: Item[] }[] = [{ at: 0, items: [] }]
        for (const { i, n, after } of changes) {
          clock.at += after
          if (n === undefined) await fake.deleteItem({ TableName: "events", Key: keyOf("a", i) })
          else await fake.putItem({ TableName: "events", Item: { ...keyOf("a", i), n: { N: String(n) } } })
          states.push({ at: clock.now(), items: fake.database.dump("events") })
        }
        const expected = states.findLast(({ at }) => at <= clock.now() - lag)!.items
        const first = expected.find(({ i }) => i!.N === "0")
        expect((await fake.query({ TableName: "events", ...p })).Items).toEqual(expected)
        expect((await fake.scan({ TableName: "events" })).Items).toEqual(expected)
        expect((await fake.getItem({ TableName: "events", Key: keyOf("a", 0) })).Item).toEqual(first)
        const newest = await fake.query({ TableName: "events", ...p, ConsistentRead: true })
        expect(newest.Items).toEqual(fake.database.dump("events"))
      }),
      { numRuns: 100 },
    )
  })

  it("is one of the eventually consistent ones, and is told what it reads", async () => {
    const asked: unknown[] = []
    const lagMs = (read: object) => {
      asked.push(read)
      return 0
    }
    const fake = new FakeDynamoDB({ conditions: { lagMs } })
    await createEvents(fake)
    const input = { TableName: "events", Key: keyOf("a", 1) }
    await fake.getItem({ ...input, ConsistentRead: true })
    await fake.transactGetItems({ TransactItems: [{ Get: input }] })
    await fake.getItem(input)
    await fake.batchGetItem({ RequestItems: { events: { Keys: [keyOf("a", 1)] } } })
    expect(asked).toEqual([
      { operation: "GetItem", tableName: "events" },
      { operation: "BatchGetItem", tableName: "events" },
    ])
  })

  it("cannot lag further than is remembered", async () => {
    const fake = new FakeDynamoDB({ conditions: { lagMs: () => 101 }, maxLagMs: 100 })
    await createEvents(fake)
    const read = fake.getItem({ TableName: "events", Key: keyOf("a", 1) })
    await expect(read).rejects.toThrow(InvalidOptionError)
  })
})

it("remembers no longer than it was told, and tells what is empty", () => {
  const clock = new MovedClock()
  const history = new History(clock, 100)
  const row: Row = { sortKey: "", stored: undefined, past: [] }
  const emptied: Row[] = []
  const longest = Array.from({ length: 1000 }, () => {
    clock.at += 5
    history.remember(row, (gone) => emptied.push(gone))
    return row.past.length
  })
  expect(Math.max(...longest)).toBe(20)
  clock.at += 101
  history.remember({ ...row, past: [] }, () => {})
  expect(row.past).toEqual([])
  expect(emptied).toContain(row)
})
