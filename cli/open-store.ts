import type { CheckOptions } from "../properties/check.js"
import type { LiveStore } from "../properties/live-run.js"
import { startEmbeddedMessageDb } from "../stores/message-db/embedded-server.js"
import { createFreshDatabase, type DatabaseServer } from "../stores/message-db/fresh-database.js"
import { connectionStringForm, isConnectionString } from "../stores/message-db/open-pool.js"
import { StoreUnavailableError } from "../engine/store-unavailable.js"
import type { Channel } from "./output.js"
import type { StoreName } from "./run-options.js"
import { UsageError } from "./usage-error.js"

/** The store that the scenarios run on, for as long as they do. */
export interface OpenStore {
  readonly store: CheckOptions["store"]
  /** Leaves nothing behind that {@link openStore} has started. */
  close(): Promise<void>
}

/**
 * Opens the store of that name. `MDB_CONN_STR` in the environment names a server to use instead of an embedded one.
 * @throws StoreUnavailableError
 * @throws UsageError when it is no connection string, or when the login may not do what it takes
 */
export async function openStore(name: StoreName, log: Channel, env = process.env): Promise<OpenStore> {
  if (name === "fake") return { store: "fake", close: async () => {} }
  const given = env["MDB_CONN_STR"]
  if (given !== undefined && given !== "") {
    if (!isConnectionString(given)) throw new UsageError(`MDB_CONN_STR must be ${connectionStringForm}`)
    log.write("Using the PostgreSQL server of MDB_CONN_STR; every run makes a database of its own and drops it.\n")
    const server = { connectionString: given, superuserConnectionString: given }
    await prove(server)
    return { store: live(server), close: async () => {} }
  }
  log.write("Starting an embedded PostgreSQL with Message DB …\n")
  const server = await startEmbeddedMessageDb()
  return { store: live(server), close: () => server.stop() }
}

/** Makes a database and drops it: what every run is going to do. */
async function prove(server: DatabaseServer): Promise<void> {
  try {
    await (await createFreshDatabase(server)).drop()
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error
    throw new UsageError(
      `the login of MDB_CONN_STR must be able to create databases and to install Message DB: ${(error as Error).message}`,
    )
  }
}

const live = (server: DatabaseServer): LiveStore => ({ name: "embedded", fresh: () => createFreshDatabase(server) })
