/** The project's own clients of Message DB, as they are, on the fake and on a real server: the same comes of it. */
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { systemClock } from "../../../engine/clock.js"
import type { FreshDatabase } from "../fresh-database.js"
import { PgCheckpoints } from "../pg-checkpoints.js"
import type { PgPool } from "../pg.js"
import { MessageDbReader } from "../reader.js"
import { freshMessageDb, needsMessageDb } from "../real-database.js"
import { resizeConsumerGroup } from "../resize.js"
import { MessageDbWriter } from "../writer.js"
import { FakeMessageDb } from "./index.js"

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`
const failure = (error: unknown) => ({ name: (error as Error).name, message: (error as Error).message })

async function writeAndRead(pool: PgPool): Promise<unknown> {
  const writer = MessageDbWriter.create({ pool })
  const reader = new MessageDbReader({ pool })
  const seen: unknown[] = []
  for (let n = 0; n < 12; n++)
    seen.push(await writer.append(`account-${n % 4}`, [{ id: id(n), type: "T", data: `{"n":${n}}`, meta: "{}" }]))
  const two = [
    { id: id(20), type: "U" },
    { id: id(21), type: "V", data: "null" },
  ]
  seen.push(await writer.append("account-1", two, 2n))
  seen.push(await writer.append("account-1", two, 2n).catch(failure))
  seen.push(await writer.append("account-1", [{ type: "W" }], 2n).catch(failure))
  seen.push(await writer.append("account-2", [{ id: id(20), type: "W" }]).catch(failure))
  for await (const page of reader.readStream("account-1", { batchSize: 2 })) seen.push(page)
  seen.push(await reader.readLast("account-1"), await reader.readLast("account-1", "T"))
  seen.push(await reader.streamVersion("account-1"), await reader.streamVersion("account-9"))
  for (const consumerGroupMember of [0, 1, 2])
    seen.push(
      await reader.readCategory("account", { from: 2n, batchSize: 3, consumerGroupMember, consumerGroupSize: 3 }),
    )
  seen.push(await reader.readCategory("account", { from: 100n }))
  seen.push(
    await reader.highestPosition("account"),
    await reader.highestPosition("none"),
    await reader.highestPosition(),
  )
  return withoutTimes(seen)
}

async function keepCheckpoints(pool: PgPool): Promise<unknown> {
  const checkpoints = new PgCheckpoints(pool)
  await checkpoints.ensureTable()
  await checkpoints.ensureTable()
  const seen: unknown[] = [
    await checkpoints.load("g-0", "account"),
    await checkpoints.load("g-1", "account", async () => 7n),
    await checkpoints.commit("g-0", "account", 20n),
    await checkpoints.commit("g-0", "account", 9n),
    await checkpoints.commit("g-1", "account", 100n),
    await checkpoints.load("g-0", "account"),
  ]
  await checkpoints.override("g-1", "account", 30n)
  seen.push(await resizeConsumerGroup(pool, { groupName: "g", from: 2, to: 3 }))
  seen.push(await resizeConsumerGroup(pool, { groupName: "g", from: 1, to: 2 }).catch(failure))
  for (const member of [0, 1, 2, 3]) seen.push(await checkpoints.load(`g-${member}`, "account"))
  await pool.query("update public.eqx_checkpoint set position = '12x' where group_name = 'g-0'")
  seen.push(await checkpoints.commit("g-0", "account", 50n).catch(failure))
  return seen
}

function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes)
  if (value instanceof Date) return "a time"
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutTimes(inner)]))
}

describe("on the fake as on a real server", needsMessageDb, () => {
  let database: FreshDatabase
  let real: pg.Pool
  beforeAll(async () => {
    database = await freshMessageDb()
    real = new pg.Pool({ connectionString: database.connectionString })
  })
  afterAll(async () => {
    await real.end()
    await database.drop()
  })

  it("the writer and the reader see the same", async () => {
    const fake = new FakeMessageDb({ clock: systemClock }).pool()
    expect(await writeAndRead(fake)).toEqual(await writeAndRead(real))
  })

  it("checkpoints are kept, compared and moved the same", async () => {
    const fake = new FakeMessageDb({ clock: systemClock }).pool()
    expect(await keepCheckpoints(fake)).toEqual(await keepCheckpoints(real))
  })
})
