import { expect, test } from "vitest"
import { freshMessageDb, needsMessageDb } from "../stores/message-db/real-database.js"
import { liveMessageDb } from "./live-message-db.js"

test("closing does not wait for a client that a process took and died with", needsMessageDb, async () => {
  const database = await freshMessageDb()
  try {
    const backend = await liveMessageDb(database.connectionString)
    const { pool, terminate } = backend.connect()
    const client = await pool.connect()
    await client.query("begin")
    terminate()
    await backend.close()
    await expect(client.query("commit")).rejects.toThrow()
  } finally {
    await database.drop()
  }
})
