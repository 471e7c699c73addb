/**
 * The fake beside a DynamoDB Local: both are given the same histories of requests, valid and not, and have to answer
 * alike, but for what is listed in `known-differences.ts`. WINDTUNNEL_RUNS says how many histories, WINDTUNNEL_SEED which.
 */
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { FakeDynamoDB } from "./fake-dynamodb.js"
import { type Operation, operations } from "./operation-arbitraries.js"
import { needsEmbeddedDynamoDb, realDynamoDb } from "./real-dynamodb.js"
import { type Difference, SideBySide } from "./side-by-side.js"

const seed = Number(process.env["WINDTUNNEL_SEED"] ?? 1)
const runs = Number(process.env["WINDTUNNEL_RUNS"] ?? 60)

describe("the fake and a DynamoDB Local", needsEmbeddedDynamoDb, () => {
  const real = realDynamoDb()
  afterAll(() => real.close())

  /** A fake with its database as it is reached by both ways through the SDK. */
  function bothWays(): FakeDynamoDB[] {
    const direct = new FakeDynamoDB()
    const { database } = direct
    const whole = new FakeDynamoDB({ database })
    whole.middlewareStack.add((next) => next, { step: "initialize", name: "nothing" })
    return [direct, whole]
  }

  async function onTables<T>(fakes: readonly FakeDynamoDB[], use: (sides: SideBySide) => Promise<T>): Promise<T> {
    const sides = new SideBySide(fakes, real.client, real.tableName("side"))
    await sides.createTables()
    const result = await use(sides)
    await sides.deleteTables()
    return result
  }

  it(`answer alike in ${runs} histories`, { timeout: 60_000 + runs * 2_000 }, async () => {
    await onTables(bothWays(), async (sides) => {
      const found: Difference[] = []
      for (const history of fc.sample(operations, { seed, numRuns: runs }))
        found.push(...(await sides.differences(history)))
      const lines = [...sides.known].sort(([, a], [, b]) => b - a).map(([name, times]) => `  ${times} × ${name}`)
      const kinds = [...sides.answers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, times]) => `${kind} ${times}`)
      console.info(
        [
          `compared ${sides.operations} operations of seed ${seed}: ${kinds.join(", ")}`,
          "known differences",
          ...lines,
        ].join("\n"),
      )
      console.info(`unexplained differences: ${found.length}`)
      expect(found.slice(0, 3)).toEqual([])
      // What is compared is worth comparing: most requests are answered, and many are refused.
      const answered = [...sides.answers].reduce((sum, [kind, n]) => (kind.endsWith(" ok") ? sum + n : sum), 0)
      expect(answered / sides.operations).toBeGreaterThan(0.3)
      expect(answered / sides.operations).toBeLessThan(0.9)
    })
  })

  it("are told apart when one answer of the fake is altered", async () => {
    const TableName = "ranged"
    const Key = { p: { S: "a" }, i: { N: "1" } }
    const history: readonly Operation[] = [
      { method: "putItem", input: { TableName, Item: { ...Key, a: { N: "1" } } } },
      { method: "putItem", input: { TableName, Item: Key, ConditionExpression: "attribute_not_exists(p)" } },
      { method: "getItem", input: { TableName, Key, ConsistentRead: true } },
    ]
    expect(await onTables([new FakeDynamoDB()], (sides) => sides.differences(history))).toEqual([])
    const altered = Object.assign(new FakeDynamoDB(), { getItem: async () => Promise.resolve({ Item: Key }) })
    const found = await onTables([altered], (sides) => sides.differences(history))
    expect(found.map(({ operation }) => operation.method)).toEqual(["getItem"])
  })
})
