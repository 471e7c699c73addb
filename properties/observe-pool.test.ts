import { expect, test } from "vitest"
import type { Happening } from "../sim/trace.js"
import type { PgPool, PgQuery, PgResult } from "../stores/message-db/pg.js"
import { bodyDigest } from "./body-digest.js"
import { ConsumerTrace } from "./consumer-trace.js"
import { observePool } from "./observe-pool.js"

/** A pool that answers with the given rows, and what it made the trace of a consumer of category `a` say. */
function observing(...answers: (Partial<PgResult> & object)[]) {
  const happened: Happening[] = []
  const trace = new ConsumerTrace(
    { process: "c#1", name: "c#1.1", group: "g", tranches: ["a"], maxConcurrentStreams: 1, maxReadAhead: 1 },
    { emit: (happening) => happened.push(happening) },
  )
  const pool = { query: async () => answers.shift(), connect: async () => undefined } as unknown as PgPool
  return { pool: observePool(pool, trace), trace, happened }
}

const read = { kind: "PageRead", run: "c#1.1:a", seq: 1, from: 3n, checkpoint: 8n, isTail: false }
const items = [
  { stream: "a-1", index: 0, body: bodyDigest("Happened", "{}") },
  { stream: "a-2", index: 4, body: bodyDigest("Happened", null) },
]

const asArrays = {
  text: "select position, type, data, stream_name, global_position from get_category_messages($1, $2, $3, null, $4, $5)",
  rows: [
    ["0", "Happened", "{}", "a-1", "4"],
    ["4", "Happened", null, "a-2", "7"],
  ],
}
const asObjects = {
  text: "select * from get_category_messages($1, $2, $3)",
  rows: [
    { stream_name: "a-1", position: "0", global_position: "4", type: "Happened", data: "{}" },
    { stream_name: "a-2", position: "4", global_position: 7, type: "Happened", data: null },
  ],
}
const named = {
  text: "SELECT x.* FROM message_store.get_category_messages($1, $2::bigint, $3) x",
  rows: [
    ["4", "a-1", "0", "Happened", "{}"],
    ["7", "a-2", "4", "Happened", null],
  ],
  fields: ["global_position", "stream_name", "position", "type", "data"].map((name) => ({ name })),
}

test.each([
  ["arrays in the order of the statement", asArrays],
  ["objects", asObjects],
  ["arrays in the order that the driver tells", named],
])("a page is seen whether its rows are %s", async (_, { text, ...result }) => {
  const { pool, happened } = observing(result)
  await pool.query(text, ["a", "3", 10])
  expect(happened).toEqual([{ ...read, items }])
})

test("arguments may stand in the statement itself, and an empty page is the tail", async () => {
  const { pool, happened } = observing({ rows: [] })
  await pool.query("select * from get_category_messages('a', 3, 10)")
  expect(happened).toEqual([{ ...read, checkpoint: 3n, isTail: true, items: [] }])
})

test("a short page after the question for the end reaches to the end, a full one does not", async () => {
  const highest: PgQuery = {
    text: "select max(global_position) from messages where category(stream_name) = $1",
    values: ["a"],
  }
  const end = (position: string) => ({ rows: [[position]] })
  const { pool, happened } = observing(end("20"), asArrays, end("40"), asArrays)
  await pool.query(highest)
  await pool.query(asArrays.text, ["a", "3", 10])
  await pool.query(highest)
  await pool.query(asArrays.text, ["a", "3", 2])
  expect(happened.map((h) => h.kind === "PageRead" && h.checkpoint)).toEqual([21n, 8n])
})

test("an end before the own position is a read that found the tail", async () => {
  const { pool, trace, happened } = observing({ rows: [{ max: "8" }] }, { rows: [{ max: null }] })
  trace.loaded("g", "a", 9n)
  await pool.query("select max(global_position) from messages where category(stream_name) = $1", ["a"])
  await pool.query("select max(global_position) from messages where category(stream_name) = $1", ["a"])
  const tail = { kind: "PageRead", run: "c#1.1:a", from: 9n, checkpoint: 9n, isTail: true, items: [] }
  expect(happened.slice(1)).toEqual([
    { ...tail, seq: 1 },
    { ...tail, seq: 2 },
  ])
})

test("other statements and other categories leave no mark", async () => {
  const { pool, happened } = observing({ rows: [] }, { rows: [] }, { rows: [[null]] })
  await pool.query("select 1")
  await pool.query("select * from get_category_messages($1, $2, $3)", ["b", 0, 10])
  await pool.query("select max(global_position) from messages")
  expect(happened).toEqual([])
})
