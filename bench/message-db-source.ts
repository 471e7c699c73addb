/*
 * Events per second from a real Message DB, through source, sink and checkpoints in the same database, with a handler
 * that does nothing, as a ratio to bare loops over the same query on the same server, in turn. The server is a container
 * where there is a container engine, else an embedded one. Three categories of 100 000 events: `rr100`, 1 000 streams of
 * 100 events in turn; `ct100`, the same with each stream's events together; `one`, a stream for each event.
 *
 * loop     what one writes by hand: `pool.query(text, values)`, one page after another, rows as objects
 * text     the least that a client can do: a prepared statement, rows as arrays, every column left as text
 *
 * A ratio above 1 says that the engine is faster.
 *
 *   npm run bench:message-db [-- rounds]     default 5
 */
import pg from "pg"
import { StreamsSink } from "../engine/index.js"
import { MessageDbSource, PgCheckpoints } from "../stores/message-db/message-db-source.js"
import { measure, median, row } from "./feed.js"
import { startMessageDbServer } from "./message-db-server.js"

const rounds = Number(process.argv[2] ?? 5)
/** Until the compiler has settled: the engine is more code than the loops. */
const warmUps = 3
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

type Page = (category: string, position: string, batchSize: number) => Promise<string | undefined>

const pageSql = "select * from get_category_messages($1, $2, $3)"

const loop: Page = async (...values) => {
  const { rows } = await pool.query<{ global_position: string }>(pageSql, values)
  return rows.at(-1)?.global_position
}

const text: Page = async (...values) => {
  const { rows } = await pool.query<string[]>({ name: "text", text: pageSql, values, rowMode: "array", types: asText })
  return rows.at(-1)?.[4]
}

async function pageAfterPage(page: Page, category: string, batchSize: number): Promise<void> {
  let last: string | undefined = "-1"
  while (last !== undefined) last = await page(category, String(BigInt(last) + 1n), batchSize)
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

const server = await startMessageDbServer()
const pool = new pg.Pool({ connectionString: server.superuserConnectionString })
try {
  await new PgCheckpoints(pool).ensureTable()
  await fill(pool)
  console.log(`PostgreSQL ${server.version}, ${server.name}; medians of ${rounds} rounds; events per second`)
  console.log(row("category", "batch", "engine", "loop", "text", "engine/loop", "engine/text"))
  let group = 0
  for (const category of Object.keys(layouts))
    for (const batchSize of [500, 5000]) {
      const times: { engine: number; loop: number; text: number }[] = []
      for (let round = -warmUps; round < rounds; round++) {
        const engine = await measure(() => throughTheEngine(pool, category, batchSize, `g${group++}`))
        const byHand = await measure(() => pageAfterPage(loop, category, batchSize))
        const least = await measure(() => pageAfterPage(text, category, batchSize))
        if (round >= 0) times.push({ engine: engine.wall, loop: byHand.wall, text: least.wall })
      }
      const rate = (which: "engine" | "loop" | "text") =>
        Math.round((1000 * events) / median(times.map((t) => t[which])))
      const faster = (than: "loop" | "text") => median(times.map((t) => t[than] / t.engine)).toFixed(2)
      console.log(row(category, batchSize, rate("engine"), rate("loop"), rate("text"), faster("loop"), faster("text")))
    }
} finally {
  await pool.end()
  await server.stop()
}
