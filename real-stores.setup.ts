/**
 * The real stores of a test run: one PostgreSQL for all test files, embedded or the one that MDB_CONN_STR names, in
 * which each file makes databases of its own; and one DynamoDB, embedded or the one that DYNAMODB_ENDPOINT names, in
 * which each file makes tables of its own. Tests that need a store that could not be started fail and say why; the
 * others do not care.
 */
import { DynamoDB } from "@aws-sdk/client-dynamodb"
import type { TestProject } from "vitest/node"
import { StoreUnavailableError } from "./engine/store-unavailable.js"
import { clientConfig } from "./stores/dynamodb/client-config.js"
import { startEmbeddedDynamoDb } from "./stores/dynamodb/embedded-server.js"
import { startEmbeddedMessageDb } from "./stores/message-db/embedded-server.js"
import { createFreshDatabase, type DatabaseServer } from "./stores/message-db/fresh-database.js"
import { openPool } from "./stores/message-db/open-pool.js"

interface Unavailable {
  readonly unavailable: string
  readonly hint: string
}

interface DynamoDbServer {
  readonly endpoint: string
  readonly isEmbedded: boolean
}

declare module "vitest" {
  interface ProvidedContext {
    messageDb: DatabaseServer | Unavailable
    dynamoDb: DynamoDbServer | Unavailable
  }
}

interface Started<Server> {
  readonly server: Server
  /** What it is, in a few words. */
  readonly met: string
  stop(): Promise<void>
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [messageDb, dynamoDb] = await Promise.all([
    started("Message DB", messageDbServer),
    started("DynamoDB", dynamoDbServer),
  ])
  project.provide("messageDb", messageDb.server)
  project.provide("dynamoDb", dynamoDb.server)
  return async () => {
    await Promise.all([messageDb.stop(), dynamoDb.stop()])
    console.log(`real stores met: ${messageDb.met}; ${dynamoDb.met}`)
  }
}

async function started<Server>(
  name: string,
  start: () => Promise<Started<Server>>,
): Promise<Started<Server | Unavailable>> {
  try {
    return await start()
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error
    const { message, hint } = error
    return { server: { unavailable: message, hint }, met: `no ${name}: ${message} (${hint})`, stop: async () => {} }
  }
}

async function messageDbServer(): Promise<Started<DatabaseServer>> {
  const given = process.env["MDB_CONN_STR"]
  if (given !== undefined && given !== "") {
    const server = { connectionString: given, superuserConnectionString: given }
    return { server, met: await describeMessageDb(server, "MDB_CONN_STR"), stop: async () => {} }
  }
  const embedded = await startEmbeddedMessageDb()
  const { connectionString, superuserConnectionString } = embedded
  const server = { connectionString, superuserConnectionString }
  return { server, met: await describeMessageDb(server, "embedded"), stop: () => embedded.stop() }
}

/** Proves that databases can be made there, and says what they are. */
async function describeMessageDb(server: DatabaseServer, origin: string): Promise<string> {
  const database = await createFreshDatabase(server)
  const pool = await openPool(database.connectionString, { max: 1 })
  try {
    const { rows } = await pool.query(
      "select current_setting('server_version') as postgres, message_store_version() as message_db",
    )
    const { postgres, message_db } = rows[0] as { postgres: string; message_db: string }
    return `PostgreSQL ${postgres} (${origin}) with Message DB ${message_db}`
  } finally {
    await pool.end()
    await database.drop()
  }
}

async function dynamoDbServer(): Promise<Started<DynamoDbServer>> {
  const given = process.env["DYNAMODB_ENDPOINT"]
  if (given !== undefined && given !== "") {
    await proveDynamoDb(given)
    const met = `DynamoDB at ${new URL(given).host} (DYNAMODB_ENDPOINT)`
    return { server: { endpoint: given, isEmbedded: false }, met, stop: async () => {} }
  }
  const { endpoint, version, stop } = await startEmbeddedDynamoDb()
  const met = `DynamoDB Local ${version ?? "of DYNAMODB_LOCAL_HOME"} (embedded)`
  return { server: { endpoint, isEmbedded: version !== undefined }, met, stop }
}

async function proveDynamoDb(endpoint: string): Promise<void> {
  const hint =
    "DYNAMODB_ENDPOINT must be the URL of a DynamoDB or DynamoDB Local, with AWS_REGION and credentials as the AWS SDK takes them"
  if (!URL.canParse(endpoint)) throw new StoreUnavailableError("DYNAMODB_ENDPOINT is not a URL", hint)
  const client = new DynamoDB({ ...clientConfig(endpoint), maxAttempts: 1 })
  await client.listTables({ Limit: 1 }).catch((cause: unknown) => {
    const { name, message } = cause as Error
    const host = new URL(endpoint).host
    throw new StoreUnavailableError(`DynamoDB at ${host} could not be used: ${name}: ${message}`, hint, { cause })
  })
  client.destroy()
}
