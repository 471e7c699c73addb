import type { PgPool } from "./pg.js"
import { StoreUnavailableError } from "../../engine/store-unavailable.js"

/** A pool that we opened and therefore have to end. */
export interface OwnedPool extends PgPool {
  end(): Promise<void>
}

export interface OpenPoolOptions {
  /** Most connections at once. Default 10, as the driver's. */
  readonly max?: number
  /** How long to wait for a connection, in milliseconds. Default 10000. */
  readonly connectionTimeoutMillis?: number
}

/**
 * Opens a pool of the `pg` package and proves with one query that the server answers.
 * @throws StoreUnavailableError without the password, whichever way it fails.
 */
export async function openPool(connectionString: string, options: OpenPoolOptions = {}): Promise<OwnedPool> {
  const pg = await loadDriver()
  const target = describeTarget(connectionString)
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 10_000, ...options })
  // A server that goes away breaks connections that nobody waits on; the next query reports it, so nothing is lost here.
  pool.on("error", () => {})
  pool.on("connect", (client) => client.on("error", () => {}))
  try {
    await pool.query("select 1")
  } catch (error) {
    await pool.end().catch(() => {})
    throw unavailable(target, error)
  }
  return pool
}

async function loadDriver() {
  try {
    return (await import("pg")).default
  } catch (cause) {
    throw new StoreUnavailableError(`the package "pg" is not installed`, `install it: npm install pg`, { cause })
  }
}

/**
 * Whether this is a connection string of which host, port, database and user can be told. With another scheme, or with
 * a "#" that was not escaped, parts of the password would be taken for something else.
 */
export function isConnectionString(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hash } = new URL(text)
  return ["postgres:", "postgresql:"].includes(protocol) && hash === ""
}

/** What a connection string looks like. */
export const connectionStringForm =
  "postgres://user:password@host:port/database, with special characters of the password escaped as %xx"

/** Host, port, database and user: enough to find a mistake, without the password. */
function describeTarget(connectionString: string): string {
  if (!isConnectionString(connectionString))
    throw new StoreUnavailableError(
      "the connection string of the PostgreSQL server is not one",
      `expected ${connectionStringForm}`,
    )
  const url = new URL(connectionString)
  return `${url.host || "localhost"}${url.pathname} as ${decodeURIComponent(url.username) || "the default user"}`
}

function unavailable(target: string, error: unknown): StoreUnavailableError {
  const { code, message } = error as { code?: string; message?: string }
  // A connection refused on every address of a host is an AggregateError without a message.
  const reason = message || code || "no reason given"
  return new StoreUnavailableError(`PostgreSQL at ${target} could not be reached: ${reason}`, hintFor(code))
}

function hintFor(code: string | undefined): string {
  if (code === "28P01" || code === "28000") return "check user and password of the connection string"
  if (code === "3D000") return "check the name of the database in the connection string"
  return "check that the server runs and that host and port of the connection string are right"
}
