import type { DatabaseServer } from "./fresh-database.js"
import { installMessageDb } from "./install.js"
import { openPool } from "./open-pool.js"

const database = "message_store"

/**
 * Makes the database `message_store` with an empty Message DB on a server that has none.
 * @param server Its superuser is `postgres`; the role `message_store` gets the same password.
 */
export async function prepareMessageStore(server: {
  readonly host: string
  readonly port: number
  readonly password: string
}): Promise<DatabaseServer> {
  const { host, port, password } = server
  const url = (user: string, name: string) => `postgres://${user}:${password}@${host}:${port}/${name}`
  const postgres = await openPool(url("postgres", "postgres"), { max: 1 })
  try {
    await postgres.query(`create database ${database} template template0 encoding 'UTF8'`)
    await postgres.query(`alter database ${database} set search_path to message_store, public`)
  } finally {
    await postgres.end()
  }
  const store = await openPool(url("postgres", database), { max: 1 })
  try {
    await installMessageDb(store, { password })
    await store.query("grant create on schema public to message_store")
  } finally {
    await store.end()
  }
  return { connectionString: url("message_store", database), superuserConnectionString: url("postgres", database) }
}
