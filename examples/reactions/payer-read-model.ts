/*
 * A read model in SQL: one row for each payer, with the version that it is at. A row is only ever written by the statement
 * that compares versions, so that it does not matter how often an event comes, and who is late. A payer that was deleted
 * keeps its row, for the version in it.
 */
import { PGlite } from "@electric-sql/pglite"
import type { EventHandler, ITimelineEvent } from "equinox-windtunnel/propeller"
import { example } from "./example.js"

/** What of a pool or a client is needed. */
interface Db {
  query(sql: string, params: unknown[]): Promise<{ readonly rows: unknown[] }>
}

/** In the test nothing has to outlive a power cut, and a statement takes half as long where it need not be written down. */
const schema = `set synchronous_commit = off;
  create unlogged table payer (id text primary key, email text, deleted boolean not null, version bigint not null)`

/** The state that the last event of a span leads to: each of these events holds all of it. */
interface Payer {
  readonly id: string
  readonly email: string | null
  readonly deleted: boolean
  readonly version: bigint
}

function payerOf(stream: string, events: ITimelineEvent[]): Payer {
  const { type, data, index } = events.at(-1)!
  const deleted = type === "PayerDeleted"
  const email = deleted ? null : (JSON.parse(data!) as { email: string }).email
  return { id: stream.slice("payer-".length), email, deleted, version: index }
}

const upsert = `insert into payer (id, email, deleted, version) values ($1, $2, $3, $4)
  on conflict (id) do update set email = excluded.email, deleted = excluded.deleted, version = excluded.version`

const write = (db: Db, sql: string, { id, email, deleted, version }: Payer) =>
  db.query(sql, [id, email, deleted, String(version)])

const guardedUpsert = `${upsert} where payer.version < excluded.version`

const projectPayers =
  (db: Db): EventHandler =>
  async (stream, events) => {
    await write(db, guardedUpsert, payerOf(stream, events))
  }

const projectUnguarded =
  (db: Db): EventHandler =>
  async (stream, events) => {
    await write(db, upsert, payerOf(stream, events))
  }

const projectCheckingFirst =
  (db: Db): EventHandler =>
  async (stream, events) => {
    const payer = payerOf(stream, events)
    const { rows } = await db.query("select version from payer where id = $1", [payer.id])
    const [row] = rows as { version: string | number }[]
    if (row !== undefined && BigInt(row.version) >= payer.version) return
    await write(db, upsert, payer)
  }

const projectDeletingRows =
  (db: Db): EventHandler =>
  async (stream, events) => {
    const payer = payerOf(stream, events)
    if (!payer.deleted) await write(db, guardedUpsert, payer)
    else await db.query("delete from payer where id = $1 and version < $2", [payer.id, String(payer.version)])
  }

const projectOrWarn =
  (db: Db, warn: (error: unknown) => void): EventHandler =>
  async (stream, events) => {
    try {
      await write(db, guardedUpsert, payerOf(stream, events))
    } catch (error) {
      warn(error)
    }
  }

/** One database for all runs: starting it takes seconds, emptying a small table a millisecond (`truncate` takes four). */
let opened: Promise<PGlite> | undefined
const database = () => (opened ??= PGlite.create().then(async (db) => (await db.exec(schema), db)))

const updated = (email: string) => ({ type: "PayerUpdated", data: { email } })
const deleted = { type: "PayerDeleted" }

export const payerReadModel = example({
  name: "payer read model in SQL",
  events: {
    "payer-1": [updated("ann@example.com"), updated("ann@example.org"), deleted],
    "payer-2": [updated("bob@example.com"), updated("bob@example.org"), updated("bob@example.net")],
  },
  outside: async () => {
    const db = await database()
    await db.exec("delete from payer")
    return db
  },
  observe: async (db) => (await db.query("select id, email from payer where not deleted order by id")).rows,
  right: (world, db) => projectPayers(world.port("db", db, { external: true })),
  wrong: [
    {
      flaw: "an upsert that lets an old event win",
      axis: "zombie",
      hint: /guard the write itself by the version of the event/,
      reaction: (world, db) => projectUnguarded(world.port("db", db, { external: true })),
    },
    {
      flaw: "versions compared before the write, not by it",
      axis: "zombie",
      hint: /a check that comes before it is out of date/,
      reaction: (world, db) => projectCheckingFirst(world.port("db", db, { external: true })),
    },
    {
      flaw: "a row is deleted, and the version that guards it with it",
      axis: "zombie",
      hint: /the older one writes last/,
      reaction: (world, db) => projectDeletingRows(world.port("db", db, { external: true })),
    },
    {
      flaw: "an error of the database is logged and swallowed",
      axis: "request lost",
      hint: /its error is swallowed/,
      reaction: (world, db) => projectOrWarn(world.port("db", db, { external: true }), () => undefined),
    },
  ],
})
