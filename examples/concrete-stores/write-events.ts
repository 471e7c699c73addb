/**
 * Writes events to Message DB, in turn to several streams of a category. Run it from the root of the project:
 *
 *     MDB_CONN_STR=postgres://… CATEGORY=account STREAMS=5 EVENTS=20 node --import tsx examples/concrete-stores/write-events.ts
 */
import pg from "pg"
import { MessageDbWriter } from "equinox-windtunnel/message-db"

const category = process.env["CATEGORY"] ?? "account"
const streams = Number(process.env["STREAMS"] ?? 5)
const events = Number(process.env["EVENTS"] ?? 20)

const pool = new pg.Pool({ connectionString: process.env["MDB_CONN_STR"] })
const writer = MessageDbWriter.create({ pool })
for (let i = 0; i < events; i++)
  await writer.append(`${category}-${i % streams}`, [{ type: "Happened", data: JSON.stringify({ number: i }) }])
await pool.end()
