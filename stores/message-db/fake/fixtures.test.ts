import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { systemClock } from "../../../engine/clock.js"
import { FakeMessageDb, type DatabaseError, type FakePgClient, type FakePgResult } from "./index.js"

/** Values that a real server gave; `about` in the files says how to read them. */
interface Step {
  readonly step: number
  readonly session: string
  readonly call?: string
  readonly args?: Record<string, string | null>
  readonly sql?: string
  readonly view?: string
  readonly sequence?: true
  readonly lastGlobalPositionHandedOut?: string | null
  readonly settle?: number
  readonly blocked?: true
  readonly [outcome: string]: unknown
}
interface Functions {
  readonly counts: { readonly steps: number }
  readonly groups: readonly { readonly group: string; readonly steps: readonly Step[] }[]
}
interface ConsumerGroups {
  readonly count: number
  readonly streams: readonly {
    readonly streamName: string
    readonly category: string
    readonly id: string | null
    readonly cardinalId: string | null
    readonly isCategory: boolean
    readonly hash64: string | null
    readonly members: Record<string, number> | null
    readonly categoryLockKey: string
  }[]
}
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8"))
const functions = read("functions") as Functions
const consumerGroups = read("consumer-groups") as ConsumerGroups

const types = { getTypeParser: (oid: number) => (text: string) => (oid === 16 ? text === "t" : text) }

const argumentTypes: Record<string, string> = {
  data: "jsonb",
  metadata: "jsonb",
  position: "bigint",
  batch_size: "bigint",
  expected_version: "bigint",
  consumer_group_member: "bigint",
  consumer_group_size: "bigint",
}

function statementOf({ call, args = {} }: Step): string {
  const list = Object.keys(args).map((name, i) => `"${name}" => $${i + 1}::${argumentTypes[name] ?? "varchar"}`)
  const isSet = call!.startsWith("get_")
  return isSet ? `select * from ${call}(${list.join(", ")})` : `select ${call}(${list.join(", ")}) as result`
}

function describeError(error: DatabaseError) {
  const { code, message, schema, table, column, constraint } = error
  const detail = error.detail
    ?.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?/g, "<time>")
    .replace(/Process \d+ waits.*/s, "<process list>")
  const hint = code === "40P01" ? undefined : error.hint
  return JSON.parse(JSON.stringify({ code, message, detail, hint, schema, table, column, constraint })) as unknown
}

function describeRows(rows: Record<string, unknown>[]) {
  return rows.map(({ time, ...row }) => {
    if (time !== undefined) expect(time).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?$/)
    return row
  })
}

async function outcome(answer: Promise<FakePgResult>, shape: (result: FakePgResult) => object): Promise<object> {
  return answer.then(shape, (error: unknown) => ({ error: describeError(error as DatabaseError) }))
}

async function replay(steps: readonly Step[]) {
  const store = new FakeMessageDb({ clock: systemClock })
  const pool = store.pool({ types })
  const sessions = new Map<string, FakePgClient>()
  const pending = new Map<number, Promise<object>>()
  const session = async (name: string) => {
    if (!sessions.has(name)) sessions.set(name, await pool.connect())
    return sessions.get(name)!
  }
  for (const step of steps) {
    const {
      step: number,
      session: name,
      settle,
      call,
      args = {},
      sql,
      view,
      sequence,
      blocked,
      note: _,
      ...given
    } = step
    if (sequence) {
      const last = store.lastGlobalPosition
      expect(last === 0n ? null : String(last), `step ${number}`).toBe(step.lastGlobalPositionHandedOut)
    } else if (view) {
      const { rows } = await (await session("s1")).query(`select * from ${view}`)
      expect(rows, `step ${number}`).toEqual(step["rows"])
    } else if (settle !== undefined) expect(await pending.get(settle), `step ${number}`).toEqual(given)
    else {
      const client = await session(name)
      const answer = sql
        ? outcome(client.query(sql), ({ rows, command }) => (rows.length > 0 ? { rows } : { done: command }))
        : outcome(client.query(statementOf(step), Object.values(args)), ({ rows }) =>
            call!.startsWith("get_")
              ? { rows: describeRows(rows as Record<string, unknown>[]) }
              : { result: (rows[0] as { result: unknown }).result },
          )
      if (blocked) pending.set(number, answer)
      else expect(await answer, `step ${number}`).toEqual(given)
      if (blocked) expect(await Promise.race([answer, systemClock.turn().then(() => "blocked")])).toBe("blocked")
    }
  }
}

describe("the fake answers what the real server answered", () => {
  for (const { group, steps } of functions.groups)
    it(`${group} (${steps.length} steps)`, async () => {
      await replay(steps)
    })

  it("in all recorded steps", () => {
    const steps = functions.groups.flatMap((group) => group.steps)
    expect(steps.length).toBe(functions.counts.steps)
    expect(steps.length).toBe(514)
  })
})

describe("consumer groups", () => {
  it("have the categories, ids, hashes and lock keys of the real server for 258 stream names", async () => {
    expect(consumerGroups.streams.length).toBe(258)
    const pool = new FakeMessageDb({ clock: systemClock }).pool({ types })
    const sql =
      "select category($1), id($1), cardinal_id($1), is_category($1), hash_64(cardinal_id($1)), acquire_lock($1)"
    for (const stream of consumerGroups.streams) {
      const { category, id, cardinalId, isCategory, hash64, categoryLockKey } = stream
      const { rows } = await pool.query({ text: sql, values: [stream.streamName], rowMode: "array" })
      expect(rows[0]).toEqual([category, id, cardinalId, isCategory, hash64, categoryLockKey])
    }
  })

  it("give each stream to the member of the real server, for groups of 2 to 8", async () => {
    const pool = new FakeMessageDb({ clock: systemClock }).pool({ types })
    for (const { streamName } of consumerGroups.streams)
      await pool.query("select write_message(gen_random_uuid()::text, $1, 'T', '{}')", [streamName])
    const categories = [...new Set(consumerGroups.streams.map(({ category }) => category))]
    const sql = "select stream_name from get_category_messages($1, 0, -1, null, $2, $3)"
    for (let size = 2; size <= 8; size++)
      for (let member = 0; member < size; member++) {
        const found: string[] = []
        for (const category of categories) {
          const { rows } = await pool.query(sql, [category, member, size])
          found.push(...(rows as { stream_name: string }[]).map((row) => row.stream_name))
        }
        const wanted = consumerGroups.streams.filter(({ members }) => members?.[size] === member)
        expect(found.sort()).toEqual(wanted.map(({ streamName }) => streamName).sort())
      }
  })
})
