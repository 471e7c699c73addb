import { describe, expect, test } from "vitest"
import { liveWorld } from "../sim/live-world.js"
import { simulate } from "../sim/simulate.js"
import type { World } from "../sim/world.js"
import { freshMessageDb, needsMessageDb } from "../stores/message-db/real-database.js"
import { fakeMessageDb } from "./fake-message-db.js"
import { liveMessageDb } from "./live-message-db.js"
import type { MessageDbBackend } from "./message-db-backend.js"
import type { PgPool, PgQueryable } from "../stores/message-db/pg.js"
import { messageDbCall } from "./message-db-call.js"
import { messageDbFailures } from "./message-db-failures.js"

const write = (on: PgQueryable, id: number) =>
  on.query("select write_message($1, 'a-1', 'Happened', '{}')", [
    `00000000-0000-4000-8000-${String(id).padStart(12, "0")}`,
  ])

async function count(pool: PgPool): Promise<number> {
  const { rows } = await pool.query("select stream_version('a-1') as version")
  return Number((rows[0] as { version: string | null }).version ?? -1) + 1
}

type Play = (pool: PgPool, world: World) => Promise<void>

const onFake = async (play: Play) => {
  const { outcome } = await simulate(1, async (world) => play(portOf(world, fakeMessageDb(world)), world))
  if (outcome.kind === "failed") throw outcome.error
}

function portOf(world: World, backend: MessageDbBackend): PgPool {
  const connections = backend.connect()
  const failures = messageDbFailures(connections)
  return world.port("message-db", connections.pool, { nested: ["connect"], describe: messageDbCall, failures })
}

/** The same must be seen on either: what a failure does is done by the server. */
function behaviour(on: (play: Play) => Promise<void>): void {
  test("a deadlock undoes the transaction, which takes nothing more than its end", () =>
    on(async (pool, world) => {
      const client = await pool.connect()
      await client.query("begin")
      await write(client, 1)
      const end = world.fault({ failures: { deadlock: 1 } })
      await expect(write(client, 2)).rejects.toMatchObject({ code: "40P01" })
      end()
      await expect(write(client, 3)).rejects.toMatchObject({ code: "25P02" })
      await client.query("rollback")
      client.release()
      expect(await count(pool)).toBe(0)
    }))

  test("a commit that is rolled back leaves nothing, and the connection is of use again", () =>
    on(async (pool, world) => {
      const client = await pool.connect()
      await client.query("begin")
      await write(client, 1)
      const end = world.fault({ failures: { rolledBack: 1 } })
      await expect(client.query("commit")).rejects.toMatchObject({ code: "40001" })
      end()
      await write(client, 2)
      client.release()
      expect(await count(pool)).toBe(1)
    }))

  test("connections that were lost are replaced when the pool is asked; one that is held is of no more use", () =>
    on(async (pool, world) => {
      const held = await pool.connect()
      const end = world.fault({ failures: { connectionLost: 1 } })
      await expect(held.query("select 1")).rejects.toThrow()
      held.release(true)
      await write(pool, 1)
      end()
      expect(await count(pool)).toBe(1)
    }))

  test("an exhausted pool and a statement that takes too long leave no effect", () =>
    on(async (pool, world) => {
      const endExhaustion = world.fault({ failures: { poolExhausted: 1 } })
      await expect(write(pool, 1)).rejects.toThrow("timeout exceeded")
      await expect(pool.connect()).rejects.toThrow("timeout exceeded")
      endExhaustion()
      const end = world.fault({ failures: { statementTimeout: 1 } })
      await expect(write(pool, 1)).rejects.toMatchObject({ code: "57014" })
      end()
      expect(await count(pool)).toBe(0)
    }))
}

describe("on the fake", () => behaviour(onFake))

describe("on a real server", { ...needsMessageDb, timeout: 30_000 }, () => {
  behaviour(async (play) => {
    const database = await freshMessageDb()
    const backend = await liveMessageDb(database.connectionString)
    const world = liveWorld({ seed: 1 })
    try {
      await play(portOf(world, backend), world)
    } finally {
      world.close()
      await backend.close()
      await database.drop()
    }
  })
})
