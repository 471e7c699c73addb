import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FreshDatabase } from "./fresh-database.js"
import { installMessageDb, MessageDbInstallError } from "./install.js"
import { openPool, type OwnedPool } from "./open-pool.js"
import { freshMessageDb, needsMessageDb } from "./real-database.js"

describe("installMessageDb", needsMessageDb, () => {
  let database: FreshDatabase
  let pool: OwnedPool

  beforeAll(async () => {
    database = await freshMessageDb()
    pool = await openPool(database.superuserConnectionString)
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  const uninstall = () => pool.query("drop schema message_store cascade")
  const reinstall = async () => {
    await uninstall()
    await installMessageDb(pool)
  }

  it("does nothing the second time, and keeps what is stored", async () => {
    await pool.query("select write_message(gen_random_uuid()::text, 'account-1', 'Opened', '{}')")
    expect(await installMessageDb(pool)).toBe("already installed")
    expect((await pool.query("select stream_version('account-1') as version")).rows).toEqual([{ version: "0" }])
  })

  it("works over a single client as well", async () => {
    await uninstall()
    const client = await pool.connect()
    try {
      expect(await installMessageDb(client)).toBe("installed")
      expect(await installMessageDb(client)).toBe("already installed")
    } finally {
      client.release()
    }
  })

  it("lets exactly one of many parallel installers do it", async () => {
    await uninstall()
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => installMessageDb(pool)))
    expect(outcomes.toSorted()).toEqual([...Array<string>(7).fill("already installed"), "installed"])
  })

  it("names what a partial installation lacks, and changes nothing", async () => {
    await reinstall()
    await pool.query("drop index message_store.messages_id; drop view message_store.type_summary")
    await expect(installMessageDb(pool)).rejects.toThrow(MessageDbInstallError)
    await expect(installMessageDb(pool)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[MessageDbInstallError: the schema message_store is in use but is not a complete Message DB 1.3.0: it lacks messages_id, type_summary. Nothing was changed.]`,
    )
    await reinstall()
  })

  it("refuses another version", async () => {
    await pool.query(
      `create or replace function message_store.message_store_version() returns varchar language sql as $$ select '1.2.6' $$`,
    )
    await expect(installMessageDb(pool)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[MessageDbInstallError: the database holds Message DB 1.2.6, and 1.3.0 is needed. Nothing was changed.]`,
    )
    await reinstall()
  })

  it("installs all of it or nothing", async () => {
    await uninstall()
    // An event trigger fails the last third of the installation, where the views are made.
    await pool.query(`
      create function public.no_views() returns event_trigger language plpgsql as $$ begin raise 'no views'; end $$;
      create event trigger no_views on ddl_command_start when tag in ('CREATE VIEW') execute function public.no_views()`)
    await expect(installMessageDb(pool)).rejects.toThrow("no views")
    await pool.query("drop event trigger no_views")
    const { rows } = await pool.query("select to_regnamespace('message_store') as schema")
    expect(rows).toEqual([{ schema: null }])
    expect(await installMessageDb(pool)).toBe("installed")
  })
})
