import { writeFile } from "node:fs/promises"
import type { StreamName } from "../engine/stream-name.js"
import { exportText, redacted } from "../properties/fuzz/exported-streams.js"
import type { SampleEvent } from "../properties/fuzz/history.js"
import { MessageDbReader } from "../stores/message-db/reader.js"
import { connectionStringForm, isConnectionString, openPool } from "../stores/message-db/open-pool.js"
import { exitCode } from "./exit-code.js"
import { counted } from "./grouped-number.js"
import type { Output } from "./output.js"
import { UsageError, wrongValue } from "./usage-error.js"

/** The options as they stand on the command line. */
export interface RawExportOptions {
  readonly out: string
  readonly streams: string
  readonly redact?: boolean
}

const pageSize = 1_000

/**
 * Writes the first streams of a category of the Message DB that `MDB_CONN_STR` names to a file, each from its first event
 * on, for `fuzz` to replay. Answers the exit code.
 * @throws UsageError, StoreUnavailableError
 */
export async function exportStreams(
  category: string,
  raw: RawExportOptions,
  { stdout }: Output,
  env = process.env,
): Promise<number> {
  if (category === "" || category.includes("-")) throw wrongValue("the category", category, `a name without "-"`)
  const most = Number(raw.streams)
  if (!Number.isSafeInteger(most) || most < 1) throw wrongValue("--streams", raw.streams, "an integer of at least 1")
  const given = env["MDB_CONN_STR"] ?? ""
  if (!isConnectionString(given)) throw new UsageError(`MDB_CONN_STR must be ${connectionStringForm}`)
  const pool = await openPool(given, { max: 1 })
  try {
    const streams = await firstStreams(new MessageDbReader({ pool }), category, most)
    const events = Object.values(streams).reduce((sum, each) => sum + each.length, 0)
    if (events === 0) throw new UsageError(`the category ${JSON.stringify(category)} has no events`)
    await writeFile(raw.out, exportText(raw.redact === true ? redacted(streams) : streams)).catch((error: unknown) => {
      throw new UsageError(`--out must be a file that can be written: ${(error as Error).message}`)
    })
    const what = `${counted(events, "event")} of ${counted(Object.keys(streams).length, "stream")}`
    stdout.write(`${what} in ${raw.out}${raw.redact === true ? ", redacted" : ""}\n`)
    return exitCode.held
  } finally {
    await pool.end()
  }
}

async function firstStreams(
  reader: MessageDbReader,
  category: string,
  most: number,
): Promise<Readonly<Record<string, readonly SampleEvent[]>>> {
  const names = new Set<StreamName>()
  for (let from = 0n, isWhole = true; isWhole && names.size < most;) {
    const { items, checkpoint } = await reader.readCategory(category, { from, batchSize: pageSize })
    for (const [name] of items) if (names.size < most) names.add(name)
    isWhole = items.length === pageSize
    from = checkpoint
  }
  const streams: Record<string, readonly SampleEvent[]> = {}
  for (const name of names) streams[name] = await eventsOf(reader, name)
  return streams
}

async function eventsOf(reader: MessageDbReader, name: StreamName): Promise<readonly SampleEvent[]> {
  const events: SampleEvent[] = []
  for await (const page of reader.readStream(name))
    for (const { type, data, meta } of page)
      events.push({
        type,
        ...(data !== undefined && { data: JSON.parse(data) as unknown }),
        ...(meta !== undefined && { meta: JSON.parse(meta) as unknown }),
      })
  return events
}
