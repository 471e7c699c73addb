import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FreshDatabase } from "./fresh-database.js"
import { openPool, type OwnedPool } from "./open-pool.js"
import { PgCheckpoints } from "./pg-checkpoints.js"
import { freshMessageDb, needsMessageDb } from "./real-database.js"

describe("PgCheckpoints", needsMessageDb, () => {
  let database: FreshDatabase
  let pool: OwnedPool
  let checkpoints: PgCheckpoints
  let groups = 0
  const newGroup = () => `group ${++groups}`

  beforeAll(async () => {
    database = await freshMessageDb()
    pool = await openPool(database.connectionString, { max: 10 })
    checkpoints = new PgCheckpoints(pool)
    await checkpoints.ensureTable()
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  const position = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })

  it("M-04, E-27a: never lowers a position, in whichever order and however many at once commits arrive", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(position, { minLength: 1, maxLength: 12 }), async (positions) => {
        const group = newGroup()
        const answers = await Promise.all(positions.map((p) => checkpoints.commit(group, "account", p)))
        const highest = positions.reduce((a, b) => (a > b ? a : b))
        expect(await checkpoints.load(group, "account")).toBe(highest)
        answers.forEach((stored, i) => expect(stored >= positions[i]! && positions.includes(stored)).toBe(true))
      }),
      { numRuns: 40 },
    )
  })

  it("M-05, E-27c: racing first loads agree on one of their origins", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(position, { minLength: 2, maxLength: 8 }), async (origins) => {
        const group = newGroup()
        const loaded = await Promise.all(origins.map((o) => checkpoints.load(group, "account", async () => o)))
        expect(new Set(loaded).size).toBe(1)
        expect(origins).toContain(loaded[0])
        expect(await checkpoints.load(group, "account")).toBe(loaded[0])
      }),
      { numRuns: 30 },
    )
  })

  it("M-06, E-27b: a commit makes the row that it does not find", async () => {
    const group = newGroup()
    await checkpoints.load(group, "account")
    await pool.query("delete from public.eqx_checkpoint where group_name = $1", [group])
    expect(await checkpoints.commit(group, "account", 7n)).toBe(7n)
    expect(await checkpoints.load(group, "account")).toBe(7n)
  })

  it("M-41: compares positions as numbers, though they are stored as text", async () => {
    const group = newGroup()
    await checkpoints.commit(group, "account", 9n)
    expect(await checkpoints.commit(group, "account", 10n)).toBe(10n)
    expect(await checkpoints.commit(group, "account", 9n)).toBe(10n)
  })

  it("keeps groups and categories apart, whatever their names", async () => {
    const name = fc.string({ unit: "binary", minLength: 1, maxLength: 12 }).filter((s) => !s.includes("\0"))
    const keys = fc.uniqueArray(fc.tuple(name, name), { selector: (k) => JSON.stringify(k), maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(keys, async (pairs) => {
        const prefix = newGroup()
        for (const [i, [group, category]] of pairs.entries())
          await checkpoints.commit(prefix + group, category, BigInt(i))
        for (const [i, [group, category]] of pairs.entries())
          expect(await checkpoints.load(prefix + group, category)).toBe(BigInt(i))
      }),
      { numRuns: 20 },
    )
  })

  it("asks for the origin only when nothing is stored", async () => {
    const group = newGroup()
    await checkpoints.commit(group, "account", 3n)
    const origin = () => Promise.reject(new Error("not to be asked"))
    expect(await checkpoints.load(group, "account", origin)).toBe(3n)
  })

  it("goes back by override alone", async () => {
    const group = newGroup()
    await checkpoints.commit(group, "account", 100n)
    await checkpoints.override(group, "account", 40n)
    expect(await checkpoints.load(group, "account")).toBe(40n)
    await checkpoints.override(`${group} new`, "account", 5n)
    expect(await checkpoints.load(`${group} new`, "account")).toBe(5n)
  })

  it("says which stored position is not a number", async () => {
    await pool.query("insert into public.eqx_checkpoint values ('odd', 'account', '12x')")
    await expect(checkpoints.load("odd", "account")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[CheckpointFormatError: the checkpoint of group "odd", category "account" is not a number: "12x"]`,
    )
    await expect(checkpoints.commit("odd", "account", 1n)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[CheckpointFormatError: the checkpoint of group "odd", category "account" is not a number: "12x"]`,
    )
  })

  it("creates its table once, also when several do so together", async () => {
    await pool.query("drop table if exists public.eqx_checkpoint")
    await Promise.all(Array.from({ length: 8 }, () => checkpoints.ensureTable()))
    await checkpoints.ensureTable()
    expect(await checkpoints.load(newGroup(), "account")).toBe(0n)
  })

  it("M-40: quotes the schema's name", async () => {
    const owner = await openPool(database.superuserConnectionString)
    const hostile = [`My Schema`, `a"b`, `x"; drop table public.eqx_checkpoint; --`, `"`]
    for (const schema of hostile) {
      await owner.query(`create schema "${schema.replaceAll('"', '""')}"`)
      const quoted = new PgCheckpoints(owner, schema)
      await quoted.ensureTable()
      expect(await quoted.commit("group", "account", 5n)).toBe(5n)
      expect(await quoted.load("group", "account")).toBe(5n)
      const { rows } = await owner.query(
        "select table_schema from information_schema.tables where table_name = 'eqx_checkpoint' and table_schema = $1",
        [schema],
      )
      expect(rows).toHaveLength(1)
    }
    expect(await checkpoints.load(newGroup(), "account")).toBe(0n)
    await owner.end()
  })

  it("ensures a table that an owner has made, without the right to create one", async () => {
    const owner = await openPool(database.superuserConnectionString)
    await owner.query("create schema kept")
    await owner.query("create role windtunnel_reader; grant usage on schema kept to windtunnel_reader").catch(() => {})
    const client = await owner.connect()
    const restricted = new PgCheckpoints(client, "kept")
    await client.query("set role windtunnel_reader")
    await expect(restricted.ensureTable()).rejects.toThrow("permission denied for schema kept")
    await new PgCheckpoints(owner, "kept").ensureTable()
    await owner.query("grant select, insert, update on kept.eqx_checkpoint to windtunnel_reader")
    await restricted.ensureTable()
    expect(await restricted.commit("group", "account", 5n)).toBe(5n)
    await client.query("reset role; drop owned by windtunnel_reader; drop role windtunnel_reader")
    client.release()
    await owner.end()
  })

  it("refuses a schema that PostgreSQL could not have", () => {
    expect(() => new PgCheckpoints(pool, "")).toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: PgCheckpoints: option "schema" must be the name of a schema: 1 to 63 bytes, none of them 0, received ""]`,
    )
    expect(() => new PgCheckpoints(pool, "é".repeat(32))).toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: PgCheckpoints: option "schema" must be the name of a schema: 1 to 63 bytes, none of them 0, received "éééééééééééééééééééééééééééééééé"]`,
    )
    expect(() => new PgCheckpoints(pool, "a\0b")).toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: PgCheckpoints: option "schema" must be the name of a schema: 1 to 63 bytes, none of them 0, received "a\\u0000b"]`,
    )
    expect(() => new PgCheckpoints(pool, 5 as unknown as string)).toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: PgCheckpoints: option "schema" must be the name of a schema: 1 to 63 bytes, none of them 0, received 5]`,
    )
  })

  it("refuses what is no pool", () => {
    expect(() => new PgCheckpoints({} as never)).toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: PgCheckpoints: option "pool" must be an object with query(), received an object]`,
    )
  })
})
