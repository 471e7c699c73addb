import { systemClock } from "../engine/clock.js"
import { StreamName } from "../engine/stream-name.js"
import { StoreUnavailableError } from "../engine/store-unavailable.js"
import type { PgClient } from "../stores/message-db/pg.js"
import { bodyDigest } from "./body-digest.js"
import type { AppendedEvent } from "./appended-event.js"
import type { MessageDbBackend, ProcessConnections } from "./message-db-backend.js"

/** Several processes share a server that takes about a hundred connections. */
const poolSettings = { max: 5, idleTimeoutMillis: 500, connectionTimeoutMillis: 10_000 }

export const messageColumns = "global_position, stream_name, position, type, data::text"

/** A message as `select … from messages` yields it. */
export interface MessageRow {
  readonly global_position: string
  readonly stream_name: string
  readonly position: string
  readonly type: string
  readonly data: string | null
}

/**
 * A real Message DB. It has to be installed, empty and free of other users; the login needs to see `message_store` in
 * its search path.
 * @param standby The same database on a standby that follows it. Absent: there is none.
 * @throws StoreUnavailableError when the package `pg` is missing.
 */
export async function liveMessageDb(connectionString: string, standby?: string): Promise<MessageDbBackend> {
  const { default: pg } = await import("pg").catch((cause: unknown) => {
    throw new StoreUnavailableError(`the package "pg" is not installed`, "install it: npm install pg", { cause })
  })
  const pools = new Set<InstanceType<typeof pg.Pool>>()
  /** Clients that somebody has connected and not given back. */
  const taken = new Set<object>()
  const own = open(connectionString)

  function open(server: string): InstanceType<typeof pg.Pool> {
    const pool = new pg.Pool({ connectionString: server, ...poolSettings })
    // A connection that is cut while it is idle is replaced; whoever uses one learns of it from the query.
    pool.on("error", () => undefined)
    pool.on("acquire", (client) => taken.add(client))
    pool.on("release", (_, client) => taken.delete(client))
    pool.on("remove", (client) => taken.delete(client))
    pools.add(pool)
    return pool
  }

  function connect(server: string): ProcessConnections {
    const pool = open(server)
    const clients = new Set<object>()
    pool.on("connect", (client) => {
      clients.add(client)
      client.on("error", () => undefined)
    })
    pool.on("remove", (client) => clients.delete(client))
    const cut = (client: object) => {
      if (clients.has(client)) socketOf(client).destroy()
    }
    const terminate = () => {
      for (const client of clients) cut(client)
    }
    return { pool, terminate, cut }
  }

  return {
    connectionString,
    conditions: { standbyLagMs: 0 },
    connect: () => connect(connectionString),
    ...(standby !== undefined && { connectStandby: () => connect(standby) }),
    appended: async (from) => {
      const { rows } = await own.query<MessageRow>(
        `select ${messageColumns} from messages where global_position >= $1 order by global_position`,
        [String(from)],
      )
      return rows.map(appendedOf)
    },
    close: async () => {
      // A query of a process that died fails with its connection and gives the client back. A transaction has nobody who
      // would, and its pool would wait for ever.
      await systemClock.sleep(lastQueriesMs)
      for (const client of taken) (client as PgClient).release(true)
      await Promise.all([...pools].map((pool) => pool.end()))
    },
  }
}

/** For queries whose connection was cut to fail. */
const lastQueriesMs = 20

/** The driver has no way to cut a connection as a dying process does: `end` says goodbye and waits for its turn. */
const socketOf = (client: object) => (client as { connection: { stream: { destroy(): void } } }).connection.stream

export const appendedOf = (row: MessageRow): AppendedEvent => ({
  kind: "Appended",
  stream: row.stream_name,
  index: Number(row.position),
  tranche: StreamName.category(row.stream_name),
  pos: BigInt(row.global_position),
  body: bodyDigest(row.type, row.data),
})
