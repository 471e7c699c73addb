import type { ServerControl } from "../../stores/container.js"
import { createFreshDatabase, type DatabaseServer } from "../../stores/message-db/fresh-database.js"
import { openPool } from "../../stores/message-db/open-pool.js"
import { AppendedFeed } from "./appended-feed.js"
import { messageDbTroubles } from "./message-db-troubles.js"
import type { SoakStore } from "./soak-store.js"

/** A database of its own. @throws StoreUnavailableError */
export async function messageDbSoakStore(
  server: DatabaseServer,
  categories: readonly string[],
  control?: ServerControl,
): Promise<SoakStore> {
  const database = await createFreshDatabase(server)
  const admin = await openPool(database.superuserConnectionString, { max: 4 })
  const feed = new AppendedFeed(admin, categories)
  return {
    address: { kind: "message-db", connectionString: database.connectionString },
    hasGroups: true,
    hasIndexer: false,
    tellEveryMs: 100,
    appended: () => feed.read(),
    isAllInView: () => true,
    troubles: () => messageDbTroubles(admin, categories, control),
    close: async () => {
      await admin.end()
      await database.drop()
    },
  }
}
