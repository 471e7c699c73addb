import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FreshDatabase } from "./fresh-database.js"
import { openPool, type OwnedPool } from "./open-pool.js"
import { PgCheckpoints } from "./pg-checkpoints.js"
import type { PgClient, PgPool, PgQuery } from "./pg.js"
import { freshMessageDb, needsMessageDb } from "./real-database.js"
import { GroupIsRunningError, resizeConsumerGroup, WrongGroupSizeError } from "./resize.js"

describe("resizeConsumerGroup", needsMessageDb, () => {
  let database: FreshDatabase
  let pool: OwnedPool
  let checkpoints: PgCheckpoints
  let groups = 0
  const newGroup = () => `reactor${++groups}`

  beforeAll(async () => {
    database = await freshMessageDb()
    pool = await openPool(database.connectionString)
    checkpoints = new PgCheckpoints(pool)
    await checkpoints.ensureTable()
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  /** Position by category, of each member: undefined for a member without a row. */
  type Rows = Record<string, (number | undefined)[]>

  const store = async (groupName: string, rows: Rows) => {
    for (const [category, members] of Object.entries(rows))
      for (const [member, position] of members.entries())
        if (position !== undefined) await checkpoints.commit(`${groupName}-${member}`, category, BigInt(position))
  }
  const stored = async (groupName: string): Promise<Rows> => {
    const { rows } = await pool.query(
      "select group_name, category, position from public.eqx_checkpoint where group_name like $1 order by category, group_name",
      [`${groupName}-%`],
    )
    const found: Rows = {}
    for (const { group_name, category, position } of rows as Record<string, string>[])
      (found[category!] ??= [])[Number(group_name!.split("-").at(-1))] = Number(position)
    return found
  }

  it("M-03: starts all members of the new size at the lowest position of the old ones, per category", async () => {
    const size = fc.integer({ min: 1, max: 6 })
    const category = fc.constantFrom("account", "order", "a b")
    await fc.assert(
      fc.asyncProperty(
        size.chain((from) =>
          fc.record({
            from: fc.constant(from),
            to: size,
            rows: fc.dictionary(
              category,
              fc.array(fc.option(fc.nat(1000), { nil: undefined, freq: 8 }), { minLength: from, maxLength: from }),
            ),
          }),
        ),
        async ({ from, to, rows }) => {
          const groupName = newGroup()
          await store(groupName, rows)
          const known = Object.entries(rows).filter(([, members]) => members.some((m) => m !== undefined))
          const plan = await resizeConsumerGroup(pool, { groupName, from, to })
          const lowest = Object.fromEntries(
            known.map(([name, members]) => [name, Math.min(...members.map((position) => position ?? 0))]),
          )
          expect(Object.fromEntries(plan.map(({ category, position }) => [category, Number(position)]))).toEqual(lowest)
          for (const { category, withoutCheckpoint } of plan)
            expect(withoutCheckpoint).toEqual(rows[category]!.flatMap((p, m) => (p === undefined ? [m] : [])))
          expect(await stored(groupName)).toEqual(
            Object.fromEntries(known.map(([name]) => [name, Array<number>(to).fill(lowest[name]!)])),
          )
        },
      ),
      { numRuns: 40 },
    )
  })

  it("leaves other groups and other categories alone", async () => {
    const groupName = newGroup()
    const others = { account: [1, 2, 3] }
    await store(`${groupName}x`, others)
    await store(groupName, { account: [10, 20], order: [30, 40] })
    await resizeConsumerGroup(pool, { groupName, from: 2, to: 3, categories: ["account"] })
    expect(await stored(groupName)).toEqual({ account: [10, 10, 10], order: [30, 40] })
    expect(await stored(`${groupName}x`)).toEqual(others)
  })

  it("refuses, and changes nothing, while a member's row moves under it", async () => {
    for (const [to, statement] of [
      [3, /^update/],
      [1, /^delete/],
    ] as const) {
      const groupName = newGroup()
      await store(groupName, { account: [10, 20] })
      const late = before(pool, statement, () => checkpoints.commit(`${groupName}-1`, "account", 21n))
      const error = await resizeConsumerGroup(late, { groupName, from: 2, to }).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(GroupIsRunningError)
      expect(error).toMatchObject({ member: 1, category: "account" })
      expect(await stored(groupName)).toEqual({ account: [10, 21] })
    }
  })

  it("refuses while a member without a row gets one", async () => {
    const groupName = newGroup()
    await store(groupName, { account: [10, undefined] })
    const late = before(pool, /^insert/, () => checkpoints.commit(`${groupName}-1`, "account", 5n))
    await expect(resizeConsumerGroup(late, { groupName, from: 2, to: 2 })).rejects.toThrow(GroupIsRunningError)
    expect(await stored(groupName)).toEqual({ account: [10, 5] })
  })

  it("finds a running member by watching the rows", async () => {
    const groupName = "watched"
    await store(groupName, { account: [10, 20] })
    const watched: number[] = []
    const clock = {
      now: () => 0,
      turn: async () => {},
      sleep: async (ms: number) => {
        watched.push(ms)
        await checkpoints.commit(`${groupName}-0`, "account", 11n)
      },
    }
    const options = { groupName, from: 2, to: 3, observeForMs: 6000, clock }
    await expect(resizeConsumerGroup(pool, options)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[GroupIsRunningError: member 0 of group "watched" is running: its checkpoint in category "account" changed while the group was to be resized. Stop all members and try again; nothing was changed]`,
    )
    expect(watched).toEqual([6000])
    expect(await stored(groupName)).toEqual({ account: [11, 20] })
  })

  it("refuses an old size that is too small", async () => {
    const groupName = "larger"
    await store(groupName, { account: [10, 20, 5] })
    await expect(resizeConsumerGroup(pool, { groupName, from: 2, to: 1 })).rejects.toThrow(WrongGroupSizeError)
    await expect(resizeConsumerGroup(pool, { groupName, from: 1, to: 2 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WrongGroupSizeError: group "larger" is said to have 1 members, but there is a checkpoint of member 2]`,
    )
    expect(await stored(groupName)).toEqual({ account: [10, 20, 5] })
  })

  it("may be repeated after a growth whose answer was lost", async () => {
    const groupName = newGroup()
    await store(groupName, { account: [10, 20] })
    await resizeConsumerGroup(pool, { groupName, from: 2, to: 4 })
    await resizeConsumerGroup(pool, { groupName, from: 2, to: 4 })
    expect(await stored(groupName)).toEqual({ account: [10, 10, 10, 10] })
  })

  it("says which option cannot be worked with", async () => {
    const good = { groupName: "reactor", from: 2, to: 3 }
    const refusal = (wrong: object) =>
      resizeConsumerGroup(pool, { ...good, ...wrong }).then(String, (error: unknown) => String(error))
    expect([
      await refusal({ groupName: "" }),
      await refusal({ from: 0 }),
      await refusal({ from: 40_000 }),
      await refusal({ to: 1.5 }),
      await refusal({ categories: "account" }),
      await refusal({ schema: "" }),
      await refusal({ observeForMs: -1 }),
    ]).toMatchInlineSnapshot(`
      [
        "InvalidOptionError: resizeConsumerGroup: option "groupName" must be a non-empty string, received """,
        "InvalidOptionError: resizeConsumerGroup: option "from" must be an integer from 1 to 32767, received 0",
        "InvalidOptionError: resizeConsumerGroup: option "from" must be an integer from 1 to 32767, received 40000",
        "InvalidOptionError: resizeConsumerGroup: option "to" must be an integer from 1 to 32767, received 1.5",
        "InvalidOptionError: resizeConsumerGroup: option "categories" must be an array of categories, received "account"",
        "InvalidOptionError: resizeConsumerGroup: option "schema" must be the name of a schema: 1 to 63 bytes, none of them 0, received """,
        "InvalidOptionError: resizeConsumerGroup: option "observeForMs" must be a number of milliseconds from 0 to 2147483647, received -1",
      ]
    `)
  })
})

/** Does something else before the first statement that matches. */
function before(pool: OwnedPool, statement: RegExp, somethingElse: () => Promise<unknown>): PgPool {
  let done = false
  const interrupted = (client: PgClient): PgClient => ({
    release: (destroy) => client.release(destroy),
    query: async (text: string | PgQuery, values?: unknown[]) => {
      if (!done && typeof text === "string" && statement.test(text)) {
        done = true
        await somethingElse()
      }
      return client.query(text as string, values)
    },
  })
  return {
    query: (text: string | PgQuery, values?: unknown[]) => pool.query(text as string, values),
    connect: async () => interrupted(await pool.connect()),
  }
}
