/**
 * The real stores of a test run: one PostgreSQL for all test files, embedded or the one that MDB_CONN_STR names, in
 * which each file makes databases of its own. Tests that need a store that could not be started fail and say why;
 * the others do not care.
 */
import type { TestProject } from "vitest/node"
import { startEmbeddedMessageDb } from "./stores/message-db/embedded-server.js"
import { createFreshDatabase, type DatabaseServer } from "./stores/message-db/fresh-database.js"
import { openPool } from "./stores/message-db/open-pool.js"
import { StoreUnavailableError } from "./engine/store-unavailable.js"

declare module "vitest" {
  interface ProvidedContext {
    messageDb: DatabaseServer | { readonly unavailable: string; readonly hint: string }
  }
}

interface MessageDbServer extends DatabaseServer {
  readonly origin: string
  stop(): Promise<void>
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  try {
    const server = await messageDbServer()
    const met = await describe(server)
    project.provide("messageDb", {
      connectionString: server.connectionString,
      superuserConnectionString: server.superuserConnectionString,
    })
    return async () => {
      await server.stop()
      console.log(`real stores met: ${met}`)
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error
    project.provide("messageDb", { unavailable: error.message, hint: error.hint })
    return async () => console.log(`real stores met: none. ${error.message} (${error.hint})`)
  }
}

async function messageDbServer(): Promise<MessageDbServer> {
  const given = process.env["MDB_CONN_STR"]
  if (given === undefined || given === "") return { ...(await startEmbeddedMessageDb()), origin: "embedded" }
  return { connectionString: given, superuserConnectionString: given, origin: "MDB_CONN_STR", stop: async () => {} }
}

/** Proves that databases can be made there, and says what they are. */
async function describe(server: MessageDbServer): Promise<string> {
  const database = await createFreshDatabase(server)
  const pool = await openPool(database.connectionString, { max: 1 })
  try {
    const { rows } = await pool.query(
      "select current_setting('server_version') as postgres, message_store_version() as message_db",
    )
    const { postgres, message_db } = rows[0] as { postgres: string; message_db: string }
    return `PostgreSQL ${postgres} (${server.origin}) with Message DB ${message_db}`
  } finally {
    await pool.end()
    await database.drop()
  }
}
