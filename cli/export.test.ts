import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { StreamName } from "../engine/stream-name.js"
import { exportedStreams } from "../properties/fuzz/exported-streams.js"
import type { FreshDatabase } from "../stores/message-db/fresh-database.js"
import { openPool, type OwnedPool } from "../stores/message-db/open-pool.js"
import { DynamoStoreClient, DynamoStoreContext, EventsContext, createTables } from "../stores/dynamo-store/index.js"
import { needsDynamoDb, realDynamoDb } from "../stores/dynamodb/real-dynamodb.js"
import { freshMessageDb, needsMessageDb } from "../stores/message-db/real-database.js"
import { MessageDbWriter } from "../stores/message-db/writer.js"
import { exportStreams, type RawExportOptions } from "./export.js"
import { recordedOutput } from "./recorded-output.js"

describe("the streams of a category of a Message DB", needsMessageDb, () => {
  const folder = mkdtempSync(join(tmpdir(), "windtunnel-export-"))
  const out = join(folder, "orders.json")
  let database: FreshDatabase
  let pool: OwnedPool
  beforeAll(async () => {
    database = await freshMessageDb()
    pool = await openPool(database.connectionString)
    const writer = MessageDbWriter.create({ pool })
    const write = (id: string, type: string, by: string) =>
      writer.append(StreamName.create("order", id), [{ type, data: JSON.stringify({ by }) }])
    await write("1", "Placed", "ann")
    await write("2", "Placed", "bob")
    await write("1", "Paid", "ann")
    await write("3", "Placed", "cy")
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
    rmSync(folder, { recursive: true })
  })

  async function exported(raw: Partial<RawExportOptions>, category = "order") {
    const { written, output } = recordedOutput()
    const code = await exportStreams(category, { out, streams: "2", ...raw }, output, {
      MDB_CONN_STR: database.connectionString,
    })
    return { code, said: written.stdout.replace(folder, "…") }
  }

  test("are exported from their first events on", async () => {
    expect(await exported({})).toEqual({ code: 0, said: "3 events of 2 streams in …/orders.json\n" })
    expect(exportedStreams(out)).toEqual({
      "order-1": [
        { type: "Placed", data: { by: "ann" } },
        { type: "Paid", data: { by: "ann" } },
      ],
      "order-2": [{ type: "Placed", data: { by: "bob" } }],
    })
  })

  test("say nothing of their contents when they are redacted", async () => {
    expect(await exported({ redact: true, streams: "1" })).toMatchObject({ code: 0 })
    expect(exportedStreams(out)).toEqual({
      "order-1": [
        { type: "Placed", data: { by: "text-1" } },
        { type: "Paid", data: { by: "text-1" } },
      ],
    })
  })

  test("what cannot be exported is wrong usage, and says why", async () => {
    const wrong = [
      exported({}, "order-1"),
      exported({ streams: "0" }),
      exported({}, "nothing"),
      exported({ out: join(folder, "no", "where.json") }),
    ]
    const messages = await Promise.all(
      wrong.map((each) =>
        each.then(
          ({ said }) => said,
          (error: unknown) => (error as Error).message,
        ),
      ),
    )
    expect(messages.map((message) => message.replaceAll(folder, "…"))).toMatchInlineSnapshot(`
      [
        "the category must be a name without "-", received "order-1"",
        "--streams must be an integer of at least 1, received "0"",
        "the category "nothing" has no events",
        "--out must be a file that can be written: ENOENT: no such file or directory, open '…/no/where.json'",
      ]
    `)
  })
})

describe("the streams of a category of a DynamoStore", needsDynamoDb, () => {
  const folder = mkdtempSync(join(tmpdir(), "windtunnel-export-"))
  const out = join(folder, "orders.json")
  const dynamoDb = realDynamoDb()
  const table = dynamoDb.tableName("events")
  beforeAll(async () => {
    await createTables(dynamoDb.client, { events: table, index: dynamoDb.tableName("index") })
    const client = new DynamoStoreClient(dynamoDb.client)
    const context = new DynamoStoreContext({ client, tableName: table, tip: { maxEvents: 1 } })
    const events = new EventsContext(context)
    const append = async (stream: string, by: string, type: string) => {
      const position = await events.position(stream, { consistent: true })
      const event = { type, data: JSON.stringify({ by, note: "-".repeat(500) }), meta: `{"from":"${by}"}` }
      await events.sync(stream, position, [event], [{ type: "Snapshot", data: "{}" }])
    }
    for (const type of ["Placed", "Paid", "Shipped"]) await append("order-1", "ann", type)
    await append("orders-1", "bob", "Counted")
    await events.sync("order-2", undefined, [], [{ type: "Snapshot", data: "{}" }])
    await events.sync("note-1", undefined, [{ type: "Written", data: "no JSON" }])
  })
  afterAll(async () => {
    await dynamoDb.close()
    rmSync(folder, { recursive: true })
  })

  async function exported(raw: Partial<RawExportOptions> = {}, category = "order") {
    const { written, output } = recordedOutput()
    const env = { ...process.env, DYNAMODB_ENDPOINT: dynamoDb.endpoint }
    const code = await exportStreams(category, { out, streams: "2", table, ...raw }, output, env)
    return { code, said: written.stdout.replace(folder, "…") }
  }

  test("are exported from their first events on: of the Tip and of all calves, without unfolds", async () => {
    expect(await exported()).toEqual({ code: 0, said: "3 events of 1 stream in …/orders.json, without unfolds\n" })
    const [data, meta] = [{ by: "ann", note: "-".repeat(500) }, { from: "ann" }]
    expect(exportedStreams(out)).toEqual({
      "order-1": ["Placed", "Paid", "Shipped"].map((type) => ({ type, data, meta })),
    })
  })

  test("say nothing of their contents when they are redacted", async () => {
    expect(await exported({ redact: true })).toMatchObject({ code: 0 })
    const [data, meta] = [{ by: "text-1", note: "text-2" }, { from: "text-1" }]
    expect(exportedStreams(out)).toEqual({
      "order-1": ["Placed", "Paid", "Shipped"].map((type) => ({ type, data, meta })),
    })
  })

  test("what cannot be exported is wrong usage, and says why", async () => {
    const wrong = [exported({ table: "nowhere" }), exported({}, "nothing"), exported({}, "note")]
    const messages = await Promise.all(wrong.map((each) => each.catch((error: unknown) => String(error))))
    expect(messages).toMatchInlineSnapshot(`
      [
        "UsageError: --table must be a table of this region and account, received "nowhere"",
        "UsageError: the category "nothing" has no events",
        "UsageError: the data of event 0 of note-1 must be JSON",
      ]
    `)
  })
})
