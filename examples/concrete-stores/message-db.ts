/**
 * A reaction on Message DB. Run it from the root of the project:
 *
 *     MDB_CONN_STR=postgres://… CATEGORY=account node --import tsx examples/concrete-stores/message-db.ts
 */
import pg from "pg"
import { type ITimelineEvent, type StreamName, StreamsSink } from "equinox-windtunnel/propeller"
import { MessageDbSource, PgCheckpoints } from "equinox-windtunnel/message-db-source"

const connectionString = process.env["MDB_CONN_STR"]
const category = process.env["CATEGORY"] ?? "account"

async function handler(stream: StreamName, events: ITimelineEvent[]) {
  for (const event of events) console.log(`handled ${stream} ${event.index} ${event.id}`)
}

const sink = StreamsSink.create({
  handler,
  maxConcurrentStreams: 10,
  maxReadAhead: 3,
})

const checkpoints = new PgCheckpoints(new pg.Pool({ connectionString }), "public")
await checkpoints.ensureTable()

const pool = new pg.Pool({ connectionString })

const source = MessageDbSource.create({
  pool,
  batchSize: 500,
  categories: [category],
  groupName: "MessageNotifications",
  checkpoints,
  tailSleepIntervalMs: 100,
  sink,
})

const ctrl = new AbortController()

process.on("SIGINT", () => ctrl.abort())
process.on("SIGTERM", () => ctrl.abort())

await source.start(ctrl.signal)
