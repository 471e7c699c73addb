import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { StreamName } from "../engine/stream-name.js"
import { exportedStreams } from "../properties/fuzz/exported-streams.js"
import type { FreshDatabase } from "../stores/message-db/fresh-database.js"
import { openPool, type OwnedPool } from "../stores/message-db/open-pool.js"
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
