/**
 * Puts Message DB into a PostgreSQL database through the driver alone, from the SQL files of the npm package
 * `@eventide/message-db`.
 *
 * The whole installation is one query of many statements, which PostgreSQL runs as one transaction: all of it or
 * nothing, on one connection, whichever kind of pool or client sends it. Installers of one database wait for each other
 * by an advisory lock; the role belongs to the whole server, and there a race is settled by trying again.
 */
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import type { PgQueryable } from "./pg.js"

/** The database holds something that is neither nothing nor the Message DB of this package, and was left as it is. */
export class MessageDbInstallError extends Error {
  override readonly name = "MessageDbInstallError"
}

export interface InstallOptions {
  /** Password to give to the role `message_store`, which has none after an installation. Left as it is by default. */
  readonly password?: string
}

export type InstallOutcome = "installed" | "already installed"

const version = "1.3.0" // what the SQL of package version 1.3.1 calls itself

const tables = ["messages"]
const types = ["message"]
const functions = [
  "message-store-version",
  "hash-64",
  "acquire-lock",
  "category",
  "is-category",
  "id",
  "cardinal-id",
  "stream-version",
  "write-message",
  "get-stream-messages",
  "get-category-messages",
  "get-last-stream-message",
]
const indexes = ["messages-id", "messages-stream", "messages-category"]
const views = [
  "category-type-summary",
  "stream-summary",
  "stream-type-summary",
  "type-category-summary",
  "type-stream-summary",
  "type-summary",
]
const privileges = ["schema", "table", "sequence", "functions", "views"]

const inspectSql = `
select
  array(select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'message_store') as relations,
  array(select p.proname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'message_store') as functions,
  exists(select from pg_roles where rolname = 'message_store') as role,
  exists(select from pg_available_extensions where name = 'pgcrypto') as pgcrypto`

interface Found {
  readonly relations: readonly string[]
  readonly functions: readonly string[]
  readonly role: boolean
  readonly pgcrypto: boolean
}

/** Raised inside the transaction when another installer was faster; the code is ours. */
const otherInstallerWasFaster = "WT001"

const beginSql = `
select pg_advisory_xact_lock(hashtext('windtunnel: install message_store'));
select set_config('search_path', 'message_store, public', true);
do $$
begin
  if to_regclass('message_store.messages') is not null then
    raise exception 'Message DB was installed meanwhile' using errcode = '${otherInstallerWasFaster}';
  end if;
end$$`

/**
 * Installs Message DB 1.3 into the database that `connection` is connected to, unless it is there already.
 *
 * The login must be a superuser, or own the database and (unless the role `message_store` exists) have CREATEROLE.
 * Other logins than `message_store` need `message_store` in their search path to call the functions.
 * @throws MessageDbInstallError when the database holds a part of Message DB only, or another version.
 */
export async function installMessageDb(connection: PgQueryable, options: InstallOptions = {}): Promise<InstallOutcome> {
  const outcome = await installUnlessPresent(connection)
  if (options.password !== undefined)
    await connection.query(`alter role message_store password ${quoteLiteral(options.password)}`)
  return outcome
}

async function installUnlessPresent(connection: PgQueryable): Promise<InstallOutcome> {
  for (let attempt = 1; ; attempt++) {
    const found = await inspect(connection)
    const missing = missingParts(found)
    if (missing.length === 0) {
      await checkVersion(connection)
      return "already installed"
    }
    if (found.relations.length + found.functions.length > 0)
      throw new MessageDbInstallError(
        `the schema message_store is in use but is not a complete Message DB ${version}: ` +
          `it lacks ${missing.join(", ")}. Nothing was changed.`,
      )
    try {
      await connection.query(await installationSql(found))
      return "installed"
    } catch (error) {
      if (!isLostRace(error) || attempt === 5) throw error
    }
  }
}

async function inspect(connection: PgQueryable): Promise<Found> {
  return (await connection.query(inspectSql)).rows[0] as Found
}

function missingParts({ relations, functions: present }: Found): string[] {
  const wantedRelations = [...tables, ...types, ...indexes, ...views].map(sqlName)
  return [
    ...wantedRelations.filter((name) => !relations.includes(name)),
    ...functions.map(sqlName).filter((name) => !present.includes(name)),
  ]
}

async function checkVersion(connection: PgQueryable): Promise<void> {
  const { rows } = await connection.query("select message_store.message_store_version() as version")
  const found = (rows[0] as { version: string }).version
  if (found !== version)
    throw new MessageDbInstallError(
      `the database holds Message DB ${found}, and ${version} is needed. Nothing was changed.`,
    )
}

async function installationSql(found: Found): Promise<string> {
  const files = [
    ...(found.role ? [] : ["roles/message-store"]),
    "schema/message-store",
    // gen_random_uuid() is built in since PostgreSQL 13; Message DB asks for the extension nevertheless.
    ...(found.pgcrypto ? ["extensions/pgcrypto"] : []),
    ...tables.map((name) => `tables/${name}`),
    ...types.map((name) => `types/${name}`),
    ...functions.map((name) => `functions/${name}`),
    ...indexes.map((name) => `indexes/${name}`),
    ...views.map((name) => `views/${name}`),
    ...privileges.map((name) => `privileges/${name}`),
  ]
  const manifest = createRequire(import.meta.url).resolve("@eventide/message-db/package.json")
  const statements = await Promise.all(
    files.map((file) => readFile(join(dirname(manifest), "database", `${file}.sql`), "utf8")),
  )
  return [beginSql, ...statements].map((text) => text.trim().replace(/;$/, "")).join(";\n")
}

/** Files are named with hyphens, what they create with underscores. */
function sqlName(file: string): string {
  return file.replaceAll("-", "_")
}

/** Another installer in this database, or one in another database of the server that made the role first. */
function isLostRace(error: unknown): boolean {
  const { code, constraint, message } = error as { code?: string; constraint?: string; message?: string }
  if (code === otherInstallerWasFaster) return true
  if (code === "23505" && constraint === "pg_authid_rolname_index") return true
  return code === "XX000" && message === "tuple concurrently updated"
}

function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes("\\") ? ` E${quoted.replaceAll("\\", "\\\\")}` : quoted
}
