import { writeFile } from "node:fs/promises"
import { StoreUnavailableError } from "../engine/store-unavailable.js"
import type { ITimelineEvent } from "../engine/timeline-event.js"
import { withAwsSdk } from "../properties/aws-sdk.js"
import { exportText, redacted } from "../properties/fuzz/exported-streams.js"
import type { SampleEvent } from "../properties/fuzz/history.js"
import { clientConfig } from "../stores/dynamodb/client-config.js"
import { connectionStringForm, isConnectionString, openPool } from "../stores/message-db/open-pool.js"
import { dynamoStoreStreams } from "./dynamo-store-streams.js"
import { exitCode } from "./exit-code.js"
import { counted } from "./grouped-number.js"
import { messageDbStreams } from "./message-db-streams.js"
import type { Output } from "./output.js"
import { UsageError, wrongValue } from "./usage-error.js"

/** The options as they stand on the command line. */
export interface RawExportOptions {
  readonly out: string
  readonly streams: string
  readonly redact?: boolean
  /** A table of a DynamoStore, to be read in place of a Message DB. */
  readonly table?: string
}

/** Streams by name, each from its first event on. */
type Streams = ReadonlyMap<string, readonly ITimelineEvent[]>

/**
 * Writes streams of a category to a file, each from its first event on, for `fuzz` to replay: of the Message DB that
 * `MDB_CONN_STR` names, or of a DynamoStore's table. Answers the exit code.
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
  const found =
    raw.table === undefined
      ? await fromMessageDb(category, most, env)
      : await fromDynamoStore(raw.table, category, most, env)
  if (found.size === 0) throw new UsageError(`the category ${JSON.stringify(category)} has no events`)
  const streams = Object.fromEntries([...found].map(([name, events]) => [name, samplesOf(name, events)]))
  await writeFile(raw.out, exportText(raw.redact === true ? redacted(streams) : streams)).catch((error: unknown) => {
    throw new UsageError(`--out must be a file that can be written: ${(error as Error).message}`)
  })
  const events = Object.values(streams).reduce((sum, each) => sum + each.length, 0)
  const what = `${counted(events, "event")} of ${counted(found.size, "stream")}`
  const how = `${raw.redact === true ? ", redacted" : ""}${raw.table === undefined ? "" : ", without unfolds"}`
  stdout.write(`${what} in ${raw.out}${how}\n`)
  return exitCode.held
}

async function fromMessageDb(category: string, most: number, env: NodeJS.ProcessEnv): Promise<Streams> {
  const given = env["MDB_CONN_STR"] ?? ""
  if (!isConnectionString(given))
    throw new UsageError(`MDB_CONN_STR must be ${connectionStringForm}; for a DynamoStore give --table`)
  const pool = await openPool(given, { max: 1 })
  try {
    return await messageDbStreams(pool, category, most)
  } finally {
    await pool.end()
  }
}

async function fromDynamoStore(table: string, category: string, most: number, env: NodeJS.ProcessEnv) {
  // About versions of Node to come; it would stand in the middle of the output.
  env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true"
  const endpoint = env["DYNAMODB_ENDPOINT"] ?? ""
  if (endpoint !== "" && !URL.canParse(endpoint))
    throw new UsageError("DYNAMODB_ENDPOINT must be a URL such as http://localhost:8000")
  const { DynamoDB } = await withAwsSdk(() => import("@aws-sdk/client-dynamodb"))
  const client = new DynamoDB(endpoint === "" ? {} : clientConfig(endpoint, env))
  try {
    return await dynamoStoreStreams(client, table, category, most)
  } catch (error) {
    throw exportError(error as Error, table)
  } finally {
    client.destroy()
  }
}

function exportError(cause: Error, table: string): Error {
  const { name, message } = cause
  switch (name) {
    case "ResourceNotFoundException":
      return wrongValue("--table", table, "a table of this region and account")
    case "MissingEventsError":
    case "UnreadableItemError":
      return new UsageError(`the table cannot be exported: ${message}`)
    default:
      return new StoreUnavailableError(
        `the DynamoDB could not be read: ${name}: ${message}`,
        "check the region and the credentials of the SDK, and DYNAMODB_ENDPOINT where the DynamoDB is not Amazon's",
        { cause },
      )
  }
}

function samplesOf(stream: string, events: readonly ITimelineEvent[]): readonly SampleEvent[] {
  return events.map(({ type, index, data, meta }) => ({
    type,
    ...(data !== undefined && { data: jsonOf(data, `the data of event ${index} of ${stream}`) }),
    ...(meta !== undefined && { meta: jsonOf(meta, `the metadata of event ${index} of ${stream}`) }),
  }))
}

/** A body of Message DB always is JSON, one of DynamoStore nearly always. */
function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${what} must be JSON`)
  }
}
