import type { CheckOptions } from "../properties/check.js"
import type { LiveStore } from "../properties/live-run.js"
import { startEmbeddedMessageDb } from "../stores/message-db/embedded-server.js"
import { createFreshDatabase, type DatabaseServer } from "../stores/message-db/fresh-database.js"
import type { Channel } from "./output.js"
import type { StoreName } from "./run-options.js"

/** The store that the scenarios run on, for as long as they do. */
export interface OpenStore {
  readonly store: CheckOptions["store"]
  /** Leaves nothing behind that {@link openStore} has started. */
  close(): Promise<void>
}

/**
 * Opens the store of that name. `MDB_CONN_STR` in the environment names a server to use instead of an embedded one.
 * @throws StoreUnavailableError
 */
export async function openStore(name: StoreName, log: Channel, env = process.env): Promise<OpenStore> {
  if (name === "fake") return { store: "fake", close: async () => {} }
  const given = env["MDB_CONN_STR"]
  if (given !== undefined && given !== "") {
    log.write("Using the PostgreSQL server of MDB_CONN_STR; every run makes a database of its own and drops it.\n")
    return { store: live({ connectionString: given, superuserConnectionString: given }), close: async () => {} }
  }
  log.write("Starting an embedded PostgreSQL with Message DB …\n")
  const server = await startEmbeddedMessageDb()
  return { store: live(server), close: () => server.stop() }
}

const live = (server: DatabaseServer): LiveStore => ({ name: "embedded", fresh: () => createFreshDatabase(server) })
