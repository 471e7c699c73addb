/** For test files: databases on the real server that `real-stores.setup.ts` started, or found, for this test run. */
import { inject, type TestOptions } from "vitest"
import { createFreshDatabase, type DatabaseServer, type FreshDatabase } from "./fresh-database.js"
import { StoreUnavailableError } from "../../engine/store-unavailable.js"

/** Options for tests that need the real server: they are left out, and the run says why, when it has none. */
export const needsMessageDb: TestOptions = inject("needs")["message-db"]

/** Likewise for tests that start servers of their own. */
export const needsEmbeddedMessageDb: TestOptions = inject("needs")["embedded message-db"]

/** The server that all test files share. @throws StoreUnavailableError when the test run has none. */
export function realServer(): DatabaseServer {
  const server = inject("messageDb")
  if ("unavailable" in server) throw new StoreUnavailableError(server.unavailable, server.hint)
  return server
}

/** A database of its own for a test file. @throws StoreUnavailableError when the test run has no real server. */
export async function freshMessageDb(): Promise<FreshDatabase> {
  return createFreshDatabase(realServer())
}
