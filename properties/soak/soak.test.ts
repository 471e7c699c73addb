import { describe, expect, test } from "vitest"
import { clientConfig } from "../../stores/dynamodb/client-config.js"
import { needsDynamoDb, realDynamoDb } from "../../stores/dynamodb/real-dynamodb.js"
import { needsMessageDb, realServer } from "../../stores/message-db/real-database.js"
import type { AppendedEvent } from "../appended-event.js"
import { properties } from "../invariants.js"
import { dynamoStoreSoakStore } from "./dynamo-store-soak-store.js"
import { messageDbSoakStore } from "./message-db-soak-store.js"
import { soak, soakCategories } from "./soak.js"
import type { SoakStore } from "./soak-store.js"

const timeout = 120_000
const writing = { properties, seed: 1, writers: 2, writePauseMs: 20 }

async function soaked(opening: Promise<SoakStore>, sizes: readonly number[], change = (store: SoakStore) => store) {
  const store = await opening
  const trouble = { troublePauseMs: 800, troubles: ["kill"] }
  try {
    return await soak({ store: change(store), sizes, timeMs: 3_000, patienceMs: 60_000, ...writing, ...trouble })
  } finally {
    await store.close()
  }
}

describe("on Message DB", { ...needsMessageDb, timeout }, () => {
  const store = () => messageDbSoakStore(realServer(), soakCategories)

  test("a group whose processes are killed loses nothing", async () => {
    const { tally, caughtUpMs, violations } = await soaked(store(), [2])
    expect(violations).toEqual([])
    expect(tally.appended).toBeGreaterThan(0)
    expect(tally.handled).toBe(tally.appended)
    expect(tally.faults["kill"]).toBeGreaterThan(0)
    expect(caughtUpMs).toBeDefined()
  })

  test("a group that is resized meanwhile loses nothing, and keeps the order of each stream", async () => {
    const { tally, phases, caughtUpMs, violations } = await soaked(store(), [2, 1])
    expect(violations).toEqual([])
    expect(phases.map(({ members }) => members)).toEqual([2, 1])
    expect(phases.reduce((sum, { handled }) => sum + handled, 0)).toBe(tally.appended)
    expect(tally.handled).toBe(tally.appended)
    expect(tally.outOfOrder).toBe(0)
    expect(caughtUpMs).toBeDefined()
  })

  test("an event that no consumer gets is found", async () => {
    const lost: AppendedEvent = {
      kind: "Appended",
      stream: "order-lost",
      index: 0,
      tranche: "order",
      pos: 1n,
      body: "x",
    }
    const unheardOf = (real: SoakStore): SoakStore => ({
      ...real,
      async *appended() {
        yield* real.appended()
        if (!told) yield lost
        told = true
      },
    })
    let told = false
    const opened = await store()
    try {
      const quick = { timeMs: 200, patienceMs: 6_000, sizes: [1], troublePauseMs: 0 }
      const { caughtUpMs, violations } = await soak({ store: unheardOf(opened), ...writing, ...quick })
      expect(caughtUpMs).toBeUndefined()
      expect(violations).toContainEqual({
        property: "I-15",
        message: expect.stringContaining("order-lost") as unknown,
      })
    } finally {
      await opened.close()
    }
  })
})

test(
  "on DynamoStore a consumer and an indexer that are killed lose nothing",
  { ...needsDynamoDb, timeout },
  async () => {
    const dynamoDb = realDynamoDb()
    const store = { kind: "dynamo-store", name: "test", config: clientConfig(dynamoDb.endpoint) } as const
    const { tally, violations } = await soaked(dynamoStoreSoakStore(store), [1])
    await dynamoDb.close()
    expect(violations).toEqual([])
    expect(tally.appended).toBeGreaterThan(0)
    expect(tally.handled).toBe(tally.appended)
    expect(tally.faults["kill"]).toBeGreaterThan(0)
  },
)
