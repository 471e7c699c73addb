import type { MessageDbConditions } from "./message-db-stage.js"
import type { PgPool } from "../stores/message-db/pg.js"
import type { AppendedEvent } from "./appended-event.js"

/** The connections of one process to a Message DB. */
export interface ProcessConnections {
  readonly pool: PgPool
  /** Cuts all connections, as when the process dies. The server rolls back what they had open. */
  readonly terminate: () => void
  /** Cuts one connection that `pool.connect` handed out; anything else is left alone. */
  readonly cut: (connection: object) => void
}

/** The Message DB of one run: empty when the run begins, and used by nobody else. */
export interface MessageDbBackend {
  connect(): ProcessConnections
  /** Of a real one: for code that makes its own connections. */
  readonly connectionString?: string
  /** What the servers do of their own accord; real ones do not listen. */
  readonly conditions: MessageDbConditions
  /** Connections of one process to a standby server, where there is one; else `undefined`. */
  readonly connectStandby?: () => ProcessConnections
  /** Tells of appended events as they are committed, if this store can. Else `undefined`: see {@link appended}. */
  readonly onAppended?: (listener: (event: AppendedEvent) => void) => void
  /** The events at and after a global position, in order. Asked for only of stores that cannot tell by themselves. */
  appended(from: bigint): Promise<readonly AppendedEvent[]>
  close(): Promise<void>
}
