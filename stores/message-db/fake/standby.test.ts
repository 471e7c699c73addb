import { beforeEach, describe, expect, test } from "vitest"
import { ManualClock } from "../../../engine/manual-clock.js"
import { FakeMessageDb } from "./fake-message-db.js"

describe("a standby", () => {
  let clock: ManualClock
  let lagMs: number
  let store: FakeMessageDb
  let ids: number
  beforeEach(() => {
    clock = new ManualClock()
    lagMs = 0
    ids = 0
    store = new FakeMessageDb({ clock })
  })

  const standbyPool = () => store.standby({ lagMs: () => lagMs }).pool()
  const write = () =>
    store
      .pool()
      .query("select write_message($1, 'a-1', 'Happened', '{}')", [
        `00000000-0000-4000-8000-${String(++ids).padStart(12, "0")}`,
      ])
  const seen = async (pool: ReturnType<typeof standbyPool>) =>
    (await pool.query("select * from get_category_messages('a', 0, 100)")).rows.length

  test("begins with what there is, and shows each commit when it is as old as the lag", async () => {
    await write()
    lagMs = 100
    const pool = standbyPool()
    await write()
    expect(await seen(pool)).toBe(1)
    await clock.advance(99)
    await write()
    expect(await seen(pool)).toBe(1)
    await clock.advance(1)
    expect(await seen(pool)).toBe(2)
    await clock.advance(99)
    expect(await seen(pool)).toBe(3)
  })

  test("never goes back, however its lag grows, and has everything when it has none", async () => {
    const pool = standbyPool()
    await write()
    expect(await seen(pool)).toBe(1)
    lagMs = 1_000
    await write()
    expect(await seen(pool)).toBe(1)
    lagMs = 0
    expect(await seen(pool)).toBe(2)
  })

  test("shows rows of tables as they were, and a transaction what it began with", async () => {
    const primary = store.pool()
    await primary.query("create table if not exists public.t (k text not null, v text not null, primary key (k))")
    await primary.query("insert into public.t (k, v) values ('a', 'old')")
    const pool = standbyPool()
    const value = async (on: Pick<typeof pool, "query">) =>
      ((await on.query("select v from public.t where k = 'a'")).rows[0] as { v: string }).v
    lagMs = 10
    await primary.query("update public.t set v = 'new' where k = 'a'")
    expect([await value(pool), await value(primary)]).toEqual(["old", "new"])
    const client = await pool.connect()
    await client.query("begin isolation level repeatable read")
    expect(await value(client)).toBe("old")
    await clock.advance(10)
    expect([await value(client), await value(pool)]).toEqual(["old", "new"])
  })

  test("takes no writes, nor a transaction that would write", async () => {
    const pool = standbyPool()
    await expect(pool.query("select write_message(gen_random_uuid()::text, 'a-1', 'T', '{}')")).rejects.toMatchObject({
      code: "25006",
    })
    await expect(pool.query("begin read write")).rejects.toMatchObject({ code: "0A000" })
  })

  test("refuses a lag that is no time", async () => {
    lagMs = -1
    await expect(seen(standbyPool())).rejects.toThrow(
      'standby: option "lagMs" must be a number of milliseconds of at least 0, received -1',
    )
  })
})
