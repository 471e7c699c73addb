/*
 * What the kit found in Emmett, each in a few calls that come to the same at every run; docs/findings/emmett-0.42.0.md tells
 * of it. Here is shown what is, not what should be: where one of these tests fails, Emmett has become better.
 */
import { existsSync } from "node:fs"
import { setTimeout } from "node:timers/promises"
import type { NewEvent, Opened } from "equinox-windtunnel"
import { systemClock, systemRandom } from "equinox-windtunnel/propeller"
import { expect, test, type TestOptions } from "vitest"
import { openPool } from "../../../stores/message-db/open-pool.js"
import { freshMessageDb, needsMessageDb } from "../../../stores/message-db/real-database.js"

const isInstalled = existsSync(new URL("node_modules/@event-driven-io", import.meta.url))
const missing = "Emmett is not installed: npm ci --prefix examples/third-party/emmett"
const emmett: TestOptions = isInstalled ? needsMessageDb : { skip: true, meta: { leftOut: missing } }

const newEvent = (): NewEvent => ({ id: systemRandom.uuid(), type: "Happened", data: "{}" })

/** What the adapter opens, on a database of its own. */
async function withEmmett(use: (opened: Opened, connectionString: string) => Promise<void>): Promise<void> {
  const { default: adapter } = await import("./adapter.js")
  const database = await freshMessageDb()
  const connectionString = `${database.connectionString}?options=-c%20search_path%3Dpublic`
  const opened = adapter.open({
    process: "consumer#1",
    connectionString,
    onCrash: () => undefined,
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
    remote: (_, create) => create(),
  })
  try {
    await use(opened, connectionString)
  } finally {
    await opened.close()
    await database.drop()
  }
}

/** Consumes with this handler until `enough` says so; answers what `start` came to. */
async function consumed({ source, checkpoints }: Opened, handle: (event: string) => void, enough: () => boolean) {
  const stopping = new AbortController()
  const consumer = source!({
    group: "reactor",
    categories: ["account"],
    handler: async (stream, events) => handle(`${stream}@${events[0]!.index}`),
    checkpoints: checkpoints!,
    batchSize: 10,
    tailSleepIntervalMs: 10,
    checkpointIntervalMs: 10,
    maxConcurrentStreams: 1,
    maxReadAhead: 1,
    edges: { pool: (pool) => pool, client: (client) => client, sink: (sink) => sink, pageRead: () => undefined },
  })
  const ended = consumer.start(stopping.signal).then(
    () => "resolved",
    (error: unknown) => `rejected with ${String(error)}`,
  )
  while (!enough()) await setTimeout(10)
  stopping.abort()
  return ended
}

test("an append that expects no stream is appended to a stream with events (EVT-06)", emmett, () =>
  withEmmett(async ({ events }) => {
    await events!.append("account-1", [newEvent()], "any")
    expect(await events!.append("account-1", [newEvent()], 0)).toMatchObject({ kind: "appended", index: 1 })
  }),
)

test("a handler throws, and start resolves (SRC-20)", emmett, () =>
  withEmmett(async (opened) => {
    await opened.events!.append("account-1", [newEvent()], "any")
    let calls = 0
    const fail = () => {
      calls++
      throw new Error("the handler threw")
    }
    expect(await consumed(opened, fail, () => calls > 0)).toBe("resolved")
  }),
)

test("an event with a lower position in a younger transaction is never handled (SRC-02)", emmett, () =>
  withEmmett(async (opened, connectionString) => {
    const events = opened.events!
    await events.append("account-1", [newEvent()], "any")
    const pool = await openPool(connectionString)
    const other = await pool.connect()
    // Whatever holds the older transaction up between its number and its position; here another one has the stream's row.
    await other.query("begin")
    await other.query("select from emt_streams where stream_id = 'account-1' for update")
    const older = events.append("account-1", [newEvent()], "any")
    const waits = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    while ((await pool.query(waits)).rowCount === 0) await setTimeout(10)
    await events.append("account-2", [newEvent()], "any")
    await other.query("rollback")
    expect(await older).toMatchObject({ positions: [3n] })
    await events.append("account-3", [newEvent()], "any")
    other.release()
    await pool.end()

    const handled: string[] = []
    await consumed(
      opened,
      (event) => handled.push(event),
      () => handled.includes("account-3@0"),
    )
    expect(handled).toEqual(["account-1@0", "account-1@1", "account-3@0"])
  }),
)

test("a consumer that does not get the lock leaves listeners on the process", emmett, () =>
  withEmmett(async (opened, connectionString) => {
    await opened.events!.append("account-1", [newEvent()], "any")
    const { postgreSQLEventStoreConsumer, postgreSQLReactor } = await import("@event-driven-io/emmett-postgresql")
    const { dumbo } = await import("@event-driven-io/dumbo")
    const pool = dumbo({ connectionString })
    const consumer = () => {
      const processors = [postgreSQLReactor({ processorId: "reactor", eachMessage: () => undefined })]
      return postgreSQLEventStoreConsumer({ connectionString, pool, processors })
    }
    const holder = consumer()
    const before = process.listenerCount("SIGTERM")
    const holding = holder.start()
    while (process.listenerCount("SIGTERM") === before) await setTimeout(10)
    await setTimeout(300)
    await expect(consumer().start()).rejects.toThrow("Failed to acquire lock")
    await holder.stop()
    await holding
    expect(process.listenerCount("SIGTERM")).toBe(before + 1)
    await pool.close()
  }),
)
