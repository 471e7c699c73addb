/**
 * The fake against a real server: both are given the same histories of statements, and each answer has to be the same,
 * down to the text, detail and context of errors; also who has to wait for whom.
 * WINDTUNNEL_SEED repeats a run; WINDTUNNEL_RUNS says how many histories are tried; with WINDTUNNEL_NO_SHRINK the first
 * history that fails is shown as it is.
 */
import fc from "fast-check"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { systemClock } from "../../../engine/clock.js"
import { systemRandom } from "../../../engine/random.js"
import type { FreshDatabase } from "../fresh-database.js"
import { freshMessageDb, needsMessageDb } from "../real-database.js"
import { FakeMessageDb, type FakePgPool } from "./index.js"
import { commands, jsonText, type Command, type Sender } from "./statement-arbitraries.js"

const drawn = process.env["CI"] === undefined ? Math.floor(systemRandom.next() * 2 ** 31) : 1
const seed = Number(process.env["WINDTUNNEL_SEED"] ?? drawn)
const runs = Number(process.env["WINDTUNNEL_RUNS"] ?? 80)
const types = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig

interface Queryable {
  query(query: { text: string; values?: unknown[]; types: unknown }): Promise<unknown>
}
/** One of the two, with its connections. */
type Side = Record<Sender, Queryable> & { close(): Promise<void> }
type Outcome = { readonly answer: unknown } | { readonly error: unknown }

const timestamp = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?/g
const normalize = (text: unknown): unknown => (typeof text === "string" ? text.replace(timestamp, "<time>") : text)

function describeResult(result: pg.QueryResult): unknown {
  const { command, rowCount, oid, fields, rows } = result
  return {
    command,
    rowCount,
    oid,
    fields: fields.map(({ name, dataTypeID, dataTypeSize }) => [name, dataTypeID, dataTypeSize]),
    rows: rows.map((row: object) => Object.entries(row).map(([name, value]) => [name, normalize(value)])),
  }
}

function describeError(error: pg.DatabaseError): unknown {
  const { name, severity, code, message, schema, table, column, constraint, dataType, position } = error
  // The ring of processes has different numbers, and the fake has no suggestions for misspelt columns.
  const detail = code === "40P01" ? "<ring>" : normalize(error.detail)
  const hint = code === "42703" ? undefined : error.hint
  // Where on a page of the table, and whether a function was in the search path when its session called it first.
  const where = error.where
    ?.replace(timestamp, "<time>")
    .replace(/while (inserting index tuple|locking tuple|updating tuple|deleting tuple) .*\n?/g, "")
    .replaceAll("PL/pgSQL function message_store.", "PL/pgSQL function ")
  return {
    name,
    severity,
    code,
    message,
    detail,
    hint,
    where: where || undefined,
    schema,
    table,
    column,
    constraint,
    dataType,
    position,
  }
}

function send(side: Side, { by, text, values }: Command): Promise<Outcome> {
  const query = { text, ...(values && { values: [...values] }), types }
  return side[by].query(query).then(
    (result) => ({
      answer: Array.isArray(result) ? result.map(describeResult) : describeResult(result as pg.QueryResult),
    }),
    (error: unknown) => ({ error: describeError(error as pg.DatabaseError) }),
  )
}

async function settledBy<T>(promise: Promise<T>, until: Promise<unknown>): Promise<T | undefined> {
  return Promise.race([promise, until.then(() => undefined)])
}

/** The fake reads integers as PostgreSQL 16 and later do; before, only decimal digits were taken. */
const isKnownTo = (major: number, { values = [] }: Command): boolean =>
  major >= 16 || !values.some((value) => value === "0x10" || value === "1_000")

describe("the fake and a real server", needsMessageDb, () => {
  let database: FreshDatabase
  let superuser: pg.Pool
  let realPool: pg.Pool
  let major: number
  let calls = 0
  let waits = 0

  beforeAll(async () => {
    database = await freshMessageDb()
    superuser = new pg.Pool({ connectionString: database.superuserConnectionString, max: 2 })
    // So that the later of two is always the one that finds the deadlock: see `isWaiting`.
    const { rows } = await superuser.query(
      "select current_database() as name, current_setting('server_version_num')::int / 10000 as major",
    )
    const { name } = rows[0] as { name: string }
    major = (rows[0] as { major: number }).major
    await superuser.query(`alter database ${name} set deadlock_timeout to '10ms'`)
    realPool = new pg.Pool({ connectionString: database.connectionString, max: 3 })
    realPool.on("error", () => {})
    console.info(`side by side: WINDTUNNEL_SEED=${seed}`)
  })
  afterAll(async () => {
    console.info(`side by side: ${calls} statements on each side, ${waits} of them had to wait`)
    await realPool.end()
    await superuser.end()
    await database.drop()
  })

  async function openReal(): Promise<Side & { pids: Record<string, number> }> {
    await superuser.query(
      "truncate message_store.messages restart identity; drop table if exists public.eqx_checkpoint",
    )
    // A pool for each history: settings stay with a connection.
    const pool = new pg.Pool({ connectionString: database.connectionString, max: 3 })
    pool.on("error", () => {})
    const [first, second] = [await pool.connect(), await pool.connect()]
    const pid = ({ processID }: { processID?: number | null }) => processID!
    const pids = { first: pid(first as object), second: pid(second as object) }
    for (const client of [first, second]) client.on("error", () => {})
    return {
      first,
      second,
      pool,
      pids,
      close: async () => {
        // Both at once and for good: otherwise one that waits would get its lock, and write into the next history.
        await superuser.query("select pg_terminate_backend(pid, 5000) from unnest($1::int[]) pid", [
          Object.values(pids),
        ])
        first.release(true)
        second.release(true)
        await pool.end()
      },
    }
  }

  async function openFake(pool: FakePgPool): Promise<Side> {
    const [first, second] = [await pool.connect(), await pool.connect()]
    return { first, second, pool, close: async () => pool.terminate() } as unknown as Side
  }

  /** Waits until the process waits for a lock, and a little longer: then it has looked for a deadlock, and found none. */
  async function isWaiting(pid: number): Promise<boolean> {
    for (let attempt = 0; attempt < 500; attempt++) {
      const { rows } = await superuser.query("select 1 from pg_locks where pid = $1 and not granted", [pid])
      if (rows.length > 0) {
        await systemClock.sleep(30)
        return true
      }
      await systemClock.sleep(5)
    }
    return false
  }

  async function compare(history: readonly Command[]): Promise<void> {
    const store = new FakeMessageDb({ clock: systemClock })
    const fake = await openFake(store.pool())
    const real = await openReal()
    const waiting = new Map<Sender, { command: Command; fake: Promise<Outcome>; real: Promise<Outcome> }>()
    const open = new Set<Sender>()
    const log: string[] = []

    const check = async (command: Command, fromFake: Outcome, fromReal: Promise<Outcome>) => {
      const patience = new AbortController()
      const outcome = await settledBy(fromReal, systemClock.sleep(5000, patience.signal))
      patience.abort()
      expect(
        fromFake,
        `${log.join("\n")}\nanswer of the fake (left) and the server (right) to the last one of ${command.by}`,
      ).toEqual(outcome ?? "the server does not answer")
      const done =
        "answer" in fromFake ? [fromFake.answer].flat().map((one) => (one as { command: string }).command) : []
      if (done.some((word) => word === "BEGIN" || word === "START")) open.add(command.by)
      if (/^(commit|rollback|end|abort)$|commit$/.test(command.text)) open.delete(command.by)
    }
    try {
      for (const command of history) {
        if (waiting.has(command.by) || !isKnownTo(major, command)) continue
        // Who waits on a connection of the pool's choice cannot be told: the pool sends only what need not wait.
        if (command.by === "pool" && (open.size > 0 || waiting.size > 0 || /begin|start|set /.test(command.text)))
          continue
        calls++
        log.push(
          `${command.by}: ${command.text} ${command.values ? JSON.stringify(command.values, (_, v) => (typeof v === "bigint" ? `${v}n` : (v as unknown))) : ""}`,
        )
        const fromFake = send(fake, command)
        const fromReal = send(real, command)
        const outcome = await settledBy(fromFake, systemClock.turn())
        if (outcome) await check(command, outcome, fromReal)
        else {
          waits++
          expect(
            await isWaiting(real.pids[command.by]!),
            `${log.join("\n")}\nthe fake waits, the server does not`,
          ).toBe(true)
          waiting.set(command.by, { command, fake: fromFake, real: fromReal })
        }
        for (const [sender, waiter] of [...waiting]) {
          const granted = await settledBy(waiter.fake, systemClock.turn())
          if (!granted) continue
          waiting.delete(sender)
          await check(waiter.command, granted, waiter.real)
        }
      }
      const sequence = await superuser.query(
        "select last_value, is_called from message_store.messages_global_position_seq",
      )
      const { last_value: last, is_called: isCalled } = sequence.rows[0] as { last_value: string; is_called: boolean }
      expect(String(store.lastGlobalPosition), log.join("\n")).toBe(isCalled ? last : "0")
    } finally {
      await fake.close()
      await real.close()
      for (const { real } of waiting.values()) await real
    }
  }

  it("give the same answers to the same histories", { timeout: 600_000 }, async () => {
    await fc.assert(fc.asyncProperty(commands, compare), {
      seed,
      numRuns: runs,
      endOnFailure: process.env["WINDTUNNEL_NO_SHRINK"] !== undefined,
    })
  })

  it("read and print jsonb alike", { timeout: 120_000 }, async () => {
    const fake = new FakeMessageDb({ clock: systemClock }).pool()
    await fc.assert(
      fc.asyncProperty(fc.array(jsonText, { minLength: 10, maxLength: 10 }), async (texts) => {
        for (const text of texts) {
          calls++
          const query = { text: "select $1::jsonb as json, $1::jsonb ->> 'a' as a", values: [text], types }
          const [a, b] = [fake, await realPool.connect()]
          const command: Command = { by: "pool", ...query }
          const [fromFake, fromReal] = await Promise.all([
            send({ pool: a } as unknown as Side, command),
            send({ pool: b } as unknown as Side, command),
          ])
          b.release()
          expect(fromFake, text).toEqual(fromReal)
        }
      }),
      { seed, numRuns: runs * 3 },
    )
  })
})
