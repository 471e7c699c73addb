/*
 * What one poll at the tail of a quiet category costs a real Message DB, and how that grows with what other categories
 * write: pages of the server's buffer cache that are touched, and milliseconds in the server, by EXPLAIN (ANALYZE, BUFFERS).
 *
 * page     the query inside `get_category_messages`, from the position behind the category's last event on
 * end      where the category ends, which is what a source asks with `idlePoll: "end"`
 *
 * The events of others come after those of the quiet category, or before them. Statistics are the planner's: fresh, or
 * from before the others' events came, as they are until autovacuum comes by. Shown are medians of five.
 *
 *   npm run bench:idle [-- events]     most events of others, default 1000000; minutes
 */
import pg from "pg"
import { startMessageDbServer } from "./message-db-server.js"
import { median, row } from "./feed.js"

const most = Number(process.argv[2] ?? 1_000_000)
const sizes = [10_000, 100_000, 1_000_000].filter((size) => size <= most)

const pageSql = `
  select id::varchar, stream_name::varchar, type::varchar, position::bigint, global_position::bigint, data::varchar,
    metadata::varchar, time::timestamp
  from messages where category(stream_name) = $1 and global_position >= $2 order by global_position asc limit $3`
const endSql = "select max(global_position) from messages where category(stream_name) = $1"

interface Plan {
  readonly "Index Name"?: string
  readonly "Node Type": string
  readonly Plans?: readonly Plan[]
  readonly "Shared Hit Blocks": number
  readonly "Shared Read Blocks": number
}

interface Explained {
  readonly Plan: Plan
  readonly "Execution Time": number
}

const server = await startMessageDbServer()
const pool = new pg.Pool({ connectionString: server.superuserConnectionString, max: 1 })

/** `events` more of the category, a hundred to a stream. */
async function write(category: string, events: number): Promise<void> {
  await pool.query(
    `insert into messages (stream_name, position, type, data, metadata, id)
     select $1 || '-' || gen_random_uuid() || (k / 100), k % 100, 'Happened', $3::jsonb, '{}', gen_random_uuid()
     from generate_series(0, $2::int - 1) k`,
    [category, events, JSON.stringify({ text: "x".repeat(111) })],
  )
}

async function cost(sql: string, values: unknown[]): Promise<string> {
  const all: Explained[] = []
  for (let n = 0; n < 5; n++) {
    const { rows } = await pool.query<{ "QUERY PLAN": [Explained] }>({
      text: `explain (analyze, buffers, format json) ${sql}`,
      values,
    })
    all.push(rows[0]!["QUERY PLAN"][0])
  }
  const plan = all[0]!.Plan
  const buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
  return `${median(all.map((each) => each["Execution Time"])).toFixed(2)} ms, ${buffers} by ${accessOf(plan)}`
}

const accessOf = (plan: Plan): string =>
  plan["Index Name"] ?? (plan.Plans === undefined ? plan["Node Type"] : accessOf(plan.Plans[0]!))

async function measure(quiet: number, others: number, where: string, statistics: string): Promise<void> {
  const { rows } = await pool.query<{ last: string }>(endSql.replace("max(global_position)", "$& as last"), ["quiet"])
  const page = await cost(pageSql, ["quiet", String(BigInt(rows[0]!.last) + 1n), 500])
  const end = await cost(endSql, ["quiet"])
  console.log(row(quiet, others, where, statistics) + `   ${page.padEnd(40)}${end}`)
}

async function growing(quiet: number, where: "after" | "before", statistics: "fresh" | "old"): Promise<void> {
  await pool.query("truncate messages")
  await write("quiet", quiet)
  await pool.query("vacuum analyze messages")
  let others = 0
  for (const size of sizes) {
    await write("busy", (size - others) / 2)
    await write("loud", (size - others) / 2)
    others = size
    if (where === "before") await write("quiet", 1)
    if (statistics === "fresh") await pool.query("vacuum analyze messages")
    await measure(quiet, others, where, statistics)
  }
}

try {
  // Statistics are brought up to date when it is their turn, and not in between.
  await pool.query("alter table messages set (autovacuum_enabled = off)")
  console.log(`PostgreSQL ${server.version}, ${server.name}; pages of 500 events`)
  console.log(row("quiet events", "of others", "they come", "statistics") + `   ${"page".padEnd(40)}end`)
  for (const quiet of [100, 50_000])
    for (const statistics of ["fresh", "old"] as const) await growing(quiet, "after", statistics)
  await growing(100, "before", "old")
} finally {
  await pool.end()
  await server.stop()
}
