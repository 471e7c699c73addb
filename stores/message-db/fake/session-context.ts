import type { MessageStore } from "./message-store.js"
import type { Settings } from "./settings.js"
import type { Transaction } from "./transaction.js"

/** A session as the functions and expressions see it while a statement runs. */
export interface SessionContext {
  readonly user: string
  readonly processId: number
  readonly settings: Settings
  readonly messages: MessageStore
  /** The schemas of the search path that exist. */
  readonly searchPath: readonly string[]
  readonly transaction: Transaction
  /** Does a query inside a plpgsql function: under READ COMMITTED each has a new snapshot. */
  innerSnapshot(): number
  uuid(): string
}
