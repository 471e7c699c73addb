// The name has to differ from those of other programs on the same server: this is harness, no run depends on it.
// eslint-disable-next-line no-restricted-imports
import { randomBytes } from "node:crypto"
import { installMessageDb } from "./install.js"
import { openPool } from "./open-pool.js"

/** A database of its own with an empty Message DB in it. */
export interface FreshDatabase {
  /** As the login that the tests and programs use: it may call Message DB and make a checkpoint table in `public`. */
  readonly connectionString: string
  /** As the login that made the database. */
  readonly superuserConnectionString: string
  /** Removes the database, connected or not. May be called again. */
  drop(): Promise<void>
}

/** Where to make databases. */
export interface DatabaseServer {
  /** A login that calls Message DB; the database's name in it does not matter. */
  readonly connectionString: string
  /** A login that may create databases, and the role `message_store` unless there is one. */
  readonly superuserConnectionString: string
}

/** Creates a database and installs Message DB into it. @throws StoreUnavailableError when the server does not answer. */
export async function createFreshDatabase(server: DatabaseServer): Promise<FreshDatabase> {
  const name = `windtunnel_${randomBytes(8).toString("hex")}`
  await runOn(server.superuserConnectionString, [
    `create database ${name} template template0 encoding 'UTF8'`,
    `alter database ${name} set search_path to message_store, public`,
  ])
  const superuserConnectionString = withDatabase(server.superuserConnectionString, name)
  const store = await openPool(superuserConnectionString, { max: 1 })
  try {
    await installMessageDb(store)
    await store.query("grant create on schema public to message_store")
  } finally {
    await store.end()
  }
  let dropping: Promise<void> | undefined
  return {
    connectionString: withDatabase(server.connectionString, name),
    superuserConnectionString,
    drop: () =>
      (dropping ??= runOn(server.superuserConnectionString, [`drop database if exists ${name} with (force)`])),
  }
}

async function runOn(connectionString: string, statements: readonly string[]): Promise<void> {
  const pool = await openPool(connectionString, { max: 1 })
  try {
    for (const statement of statements) await pool.query(statement)
  } finally {
    await pool.end()
  }
}

function withDatabase(connectionString: string, name: string): string {
  const url = new URL(connectionString)
  url.pathname = `/${name}`
  return url.href
}
