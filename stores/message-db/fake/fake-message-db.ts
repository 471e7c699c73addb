import type { Clock } from "../../../engine/clock.js"
import { checkOptions, fn, has, optional } from "../../../engine/options.js"
import { systemRandom, type Random } from "../../../engine/random.js"
import { Database, type Commit, type CommittedRow } from "./database.js"
import { FakePgClient } from "./fake-pg-client.js"
import { FakePgPool, type FakePgPoolOptions } from "./fake-pg-pool.js"
import type { MessageRow } from "./message-rows.js"
import { Session } from "./session.js"
import type { Standby, StandbyOptions } from "./standby.js"

export interface FakeMessageDbOptions {
  /** Gives transactions their time. */
  readonly clock: Clock
  /** Gives `gen_random_uuid()` its values. Default: the platform's randomness. */
  readonly random?: Random
  /**
   * Whether the role `message_store` may create tables in `public`, as after
   * `grant create on schema public to message_store`. Default true; PostgreSQL 15 and later start without it.
   */
  readonly mayCreateInPublic?: boolean
}

/** A message as it is stored. */
export interface StoredMessage {
  readonly globalPosition: bigint
  readonly position: bigint
  readonly streamName: string
  readonly type: string
  /** JSON as jsonb prints it; null for SQL NULL. */
  readonly data: string | null
  readonly metadata: string | null
  readonly id: string
  /** UTC, as PostgreSQL prints it: `2026-01-31 12:34:56.789`. */
  readonly time: string
}

/** A row of the table `eqx_checkpoint` after a committed change. */
export interface StoredCheckpoint {
  readonly group: string
  readonly category: string
  readonly position: string
}

type Listener<T> = (happened: T) => void

/**
 * A PostgreSQL server with one database with Message DB in it, in memory: give its pools to what would otherwise get
 * a `pg.Pool`. Connections belong to the role `message_store`, with the search path `message_store, public`.
 *
 * Of PostgreSQL it knows what clients of Message DB use, and refuses the rest with 0A000. SERIALIZABLE behaves as
 * REPEATABLE READ, no lock is waited for with a time limit, and nothing sends notices.
 */
export class FakeMessageDb {
  private readonly database: Database
  private readonly clock: Clock
  private readonly commitListeners = new Set<Listener<readonly StoredMessage[]>>()
  private readonly checkpointListeners = new Set<Listener<StoredCheckpoint>>()

  /** @throws InvalidOptionError */
  constructor(options: FakeMessageDbOptions) {
    checkOptions("FakeMessageDb", { clock: has("now", "sleep"), random: optional(has("next", "uuid")) }, options)
    this.clock = options.clock
    this.database = new Database({
      clock: options.clock,
      random: options.random ?? systemRandom,
      mayCreateInPublic: options.mayCreateInPublic ?? true,
      onCommit: (commit) => this.tell(commit),
    })
  }

  /** A pool with connections of its own to this store. @throws InvalidOptionError */
  pool(options: FakePgPoolOptions = {}): FakePgPool {
    return this.poolOn(undefined, options)
  }

  private poolOn(standby: Standby | undefined, options: FakePgPoolOptions = {}): FakePgPool {
    const startup = startupSettings(options.options)
    const session = () => new Session(this.database, startup, standby)
    return new FakePgPool(options, this.clock, (types) => new FakePgClient(session(), types))
  }

  /**
   * A standby server of this one, for pools that read only. It begins with what there is now, and follows with a lag; what
   * it has once shown it shows from then on. Writes on it are refused with 25006.
   */
  standby(options: StandbyOptions): Pick<FakeMessageDb, "pool"> {
    checkOptions("FakeMessageDb.standby", { lagMs: fn }, options)
    const standby = this.database.standby(options)
    return { pool: (settings) => this.poolOn(standby, settings) }
  }

  /** The committed messages, ascending by global position. @param from the lowest global position; default: all */
  messages(from = 0n): StoredMessage[] {
    return this.database.messages.committedRows(from).map(toStored)
  }

  /** The highest global position handed out so far, also to what was rolled back; 0 if none was. */
  get lastGlobalPosition(): bigint {
    return BigInt(this.database.messages.lastGlobalPosition)
  }

  /**
   * Calls the listener for each commit that wrote messages, with these in the order of their global positions, when
   * others can see them and before anybody is answered. Returns a function that ends it.
   */
  onCommit(listener: Listener<readonly StoredMessage[]>): () => void {
    this.commitListeners.add(listener)
    return () => this.commitListeners.delete(listener)
  }

  /** Calls the listener for each row of a table `eqx_checkpoint` that a commit wrote. Returns a function that ends it. */
  onCheckpoint(listener: Listener<StoredCheckpoint>): () => void {
    this.checkpointListeners.add(listener)
    return () => this.checkpointListeners.delete(listener)
  }

  private tell({ messages, rows }: Commit): void {
    if (messages.length > 0 && this.commitListeners.size > 0) {
      const stored = messages.map(toStored)
      for (const listener of this.commitListeners) listener(stored)
    }
    for (const row of rows) {
      const checkpoint = toCheckpoint(row)
      if (checkpoint) for (const listener of this.checkpointListeners) listener(checkpoint)
    }
  }
}

function toStored(row: MessageRow): StoredMessage {
  return {
    globalPosition: BigInt(row.globalPosition),
    position: BigInt(row.position),
    streamName: row.stream.name,
    type: row.type,
    data: row.data,
    metadata: row.metadata,
    id: row.id,
    time: row.time,
  }
}

function toCheckpoint({ table, row }: CommittedRow): StoredCheckpoint | undefined {
  if (table.name !== "eqx_checkpoint") return undefined
  const value = (name: string) => row[table.columns.findIndex((column) => column.name === name)]
  return {
    group: String(value("group_name")),
    category: String(value("category")),
    position: String(value("position")),
  }
}

/** `-c name=value`, a blank in the value preceded by a backslash. */
function startupSettings(options = ""): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const [, name, value] of options.matchAll(/(?:-c\s*|--)([\w.]+)=((?:\\.|[^\s\\])*)/g))
    settings[name!] = value!.replace(/\\(.)/g, "$1")
  return settings
}
