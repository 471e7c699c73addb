import pg from "pg"
import { StoreUnavailableError } from "../engine/store-unavailable.js"
import { startMessageDbContainer } from "../stores/message-db/container-server.js"
import { startEmbeddedMessageDb } from "../stores/message-db/index.js"

/** A Message DB in a container where there is a container engine, else an embedded one. */
export async function startMessageDbServer() {
  const server = await started()
  const client = new pg.Client({ connectionString: server.superuserConnectionString })
  await client.connect()
  const { rows } = await client.query<{ version: string }>("select current_setting('server_version') as version")
  await client.end()
  return { ...server, version: rows[0]!.version }
}

async function started() {
  try {
    const container = await startMessageDbContainer()
    return { ...container, name: `a container of ${container.image}` }
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error
    console.log(`no container: ${error.message}`)
    const embedded = await startEmbeddedMessageDb()
    return { ...embedded, name: "an embedded server", stop: () => embedded.stop() }
  }
}
