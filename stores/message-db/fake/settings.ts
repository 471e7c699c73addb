/**
 * Settings of a session. A name with a dot is a placeholder: it is unknown until somebody sets it, and from then on for
 * the rest of the session its value is a text, the empty one after RESET, after the rollback of the SET and after the
 * transaction of a SET LOCAL. Message DB's `sql_condition` depends on that difference.
 */
import { DatabaseError } from "./database-error.js"
import type { Transaction } from "./transaction.js"

const defaults: ReadonlyMap<string, string> = new Map([
  ["application_name", ""],
  ["bytea_output", "hex"],
  ["client_encoding", "UTF8"],
  ["client_min_messages", "notice"],
  ["datestyle", "ISO, MDY"],
  ["default_transaction_isolation", "read committed"],
  ["extra_float_digits", "1"],
  ["idle_in_transaction_session_timeout", "0"],
  ["intervalstyle", "postgres"],
  ["lock_timeout", "0"],
  ["search_path", "message_store, public"],
  ["server_encoding", "UTF8"],
  ["server_version", "18.4"],
  ["standard_conforming_strings", "on"],
  ["statement_timeout", "0"],
  ["synchronous_commit", "on"],
  ["timezone", "UTC"],
])

/** What these would change is not modelled, so they can only be what they are. */
const fixed = new Set([
  "bytea_output",
  "client_encoding",
  "datestyle",
  "default_transaction_isolation",
  "idle_in_transaction_session_timeout",
  "intervalstyle",
  "lock_timeout",
  "server_encoding",
  "server_version",
  "standard_conforming_strings",
  "statement_timeout",
  "timezone",
])

export class Settings {
  private readonly startup: ReadonlyMap<string, string>
  private readonly session = new Map<string, string>()
  private readonly local = new Map<string, string>()
  private readonly placeholders = new Set<string>()

  /** @param startup values that the connection was opened with, and that RESET goes back to */
  constructor(startup: Readonly<Record<string, string>> = {}) {
    this.startup = new Map(Object.entries(startup).map(([name, value]) => [name.toLowerCase(), value]))
  }

  /** Null: no such setting. */
  get(name: string): string | null {
    const key = name.toLowerCase()
    const set = this.local.get(key) ?? this.session.get(key) ?? this.startup.get(key) ?? defaults.get(key)
    return set ?? (this.placeholders.has(key) ? "" : null)
  }

  /** @throws DatabaseError 42704 */
  require(name: string): string {
    const value = this.get(name)
    if (value === null) throw unrecognized(name)
    return value
  }

  /** An undefined value is RESET. @throws DatabaseError 42704, or 0A000 for what the fake does not model */
  set(transaction: Transaction, name: string, value: string | undefined, local: boolean): void {
    const key = name.toLowerCase()
    if (!defaults.has(key) && !key.includes(".")) throw unrecognized(name)
    if (fixed.has(key) && value !== undefined && value.toLowerCase() !== this.get(key)?.toLowerCase())
      throw new DatabaseError(
        "0A000",
        `the Message DB fake cannot set "${key}" to "${value}": what it changes is not modelled`,
      )
    if (!defaults.has(key)) this.placeholders.add(key)
    const before = { session: this.session.get(key), local: this.local.get(key) }
    if (local) assign(this.local, key, value)
    else {
      assign(this.session, key, value)
      this.local.delete(key)
    }
    transaction.enter({
      undo: () => {
        assign(this.session, key, before.session)
        assign(this.local, key, before.local)
      },
      commit: () => this.local.clear(),
    })
  }

  resetAll(transaction: Transaction): void {
    for (const name of [...this.session.keys()]) this.set(transaction, name, undefined, false)
  }
}

function assign(values: Map<string, string>, name: string, value: string | undefined): void {
  if (value === undefined) values.delete(name)
  else values.set(name, value)
}

function unrecognized(name: string): DatabaseError {
  return new DatabaseError("42704", `unrecognized configuration parameter "${name}"`, { routine: "find_option" })
}

/** The schemas of a search path, in order. `"$user"` stands for the role's own schema. */
export function schemasOf(searchPath: string, user: string): string[] {
  return searchPath
    .split(",")
    .map((part) => part.trim())
    .map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase()))
    .map((schema) => (schema === "$user" ? user : schema))
    .filter((schema) => schema === "message_store" || schema === "public")
}
