/*
 * Events per second from a real Message DB (embedded), through source, sink and checkpoints in the same database, as a
 * ratio to bare loops over the same query on the same server, in turn. Three categories of 100 000 events: `rr100`, 1 000
 * streams of 100 events in turn; `ct100`, the same with each stream's events together; `one`, a stream for each event.
 *
 * rows     one query after another, rows as objects, the driver's default types
 * text     the same, rows as arrays, every column left as text
 *
 *   npm run bench:message-db [-- rounds]     default 3
 */
import pg from "pg"
import { StreamsSink } from "../engine/index.js"
import { startEmbeddedMessageDb } from "../stores/message-db/index.js"
import { MessageDbSource, PgCheckpoints } from "../stores/message-db/message-db-source.js"
import { measure, median, row } from "./feed.js"

const rounds = Number(process.argv[2] ?? 3)
const events = 100_000
const layouts = {
  rr100: "'rr100-' || (k % 1000), k / 1000",
  ct100: "'ct100-' || (k / 100), k % 100",
  one: "'one-' || k, 0",
}

const asText = { getTypeParser: () => (value: string) => value }
const data = JSON.stringify({ text: "x".repeat(111) })
const metadata = JSON.stringify({ text: "y".repeat(58) })

async function fill(pool: pg.Pool): Promise<void> {
  for (const streamAndPosition of Object.values(layouts))
    await pool.query(
      `insert into message_store.messages (stream_name, position, type, data, metadata, id)
       select ${streamAndPosition}, 'Happened', $2::jsonb, $3::jsonb, gen_random_uuid()
       from generate_series(0, $1::int - 1) k`,
      [events, data, metadata],
    )
  await pool.query("vacuum analyze message_store.messages")
}

async function bareLoop(pool: pg.Pool, category: string, batchSize: number, text: boolean): Promise<void> {
  const client = await pool.connect()
  let position = "0"
  for (;;) {
    const result = await client.query({
      name: `bare-${text}`,
      text: "select * from get_category_messages($1, $2, $3)",
      values: [category, position, batchSize],
      ...(text ? { rowMode: "array" as const, types: asText } : {}),
    })
    const last = result.rows.at(-1) as { global_position: string } | string[] | undefined
    if (last === undefined) break
    position = String(BigInt(Array.isArray(last) ? (last[4] as string) : last.global_position) + 1n)
  }
  client.release()
}

async function throughTheEngine(pool: pg.Pool, category: string, batchSize: number, group: string): Promise<void> {
  const stop = new AbortController()
  let handled = 0
  const sink = StreamsSink.create({
    handler: async (_, span) => {
      handled += span.length
      if (handled === events) stop.abort()
    },
    maxConcurrentStreams: 10,
    maxReadAhead: 3,
  })
  const source = MessageDbSource.create({
    pool,
    categories: [category],
    groupName: group,
    batchSize,
    checkpoints: new PgCheckpoints(pool),
    sink,
    tailSleepIntervalMs: 100,
    checkpointIntervalMs: 1000,
  })
  await source.start(stop.signal)
}

const server = await startEmbeddedMessageDb()
const pool = new pg.Pool({ connectionString: server.superuserConnectionString })
try {
  await new PgCheckpoints(pool).ensureTable()
  await fill(pool)
  console.log(row("category", "batch", "engine ev/s", "rows ev/s", "text ev/s", "engine/rows", "engine/text"))
  for (const category of Object.keys(layouts))
    for (const batchSize of [500, 5000]) {
      const times: { engine: number; rows: number; text: number }[] = []
      for (let round = 0; round <= rounds; round++) {
        const rows = await measure(() => bareLoop(pool, category, batchSize, false))
        const text = await measure(() => bareLoop(pool, category, batchSize, true))
        const engine = await measure(() =>
          throughTheEngine(pool, category, batchSize, `${category}${batchSize}r${round}`),
        )
        // The first round warms caches and compiler.
        if (round > 0) times.push({ engine: engine.wall, rows: rows.wall, text: text.wall })
      }
      const rate = (which: "engine" | "rows" | "text") =>
        Math.round((1000 * events) / median(times.map((t) => t[which])))
      console.log(
        row(
          category,
          batchSize,
          rate("engine"),
          rate("rows"),
          rate("text"),
          median(times.map((t) => t.engine / t.rows)).toFixed(2),
          median(times.map((t) => t.engine / t.text)).toFixed(2),
        ),
      )
    }
} finally {
  await pool.end()
  await server.stop()
}
