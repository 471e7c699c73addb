/*
 * The contract between the conformance kit and what it tests: an adapter says how to open what it adapts, what of it
 * there is (`profiles`) and what it can do besides (`capabilities`). The kit opens it once in each process of a history,
 * so whatever has to outlive a process is in the store.
 */
import type { Sink } from "../../engine/batch.js"
import type { ICheckpoints } from "../../engine/checkpoints.js"
import type { Clock } from "../../engine/clock.js"
import type { Random } from "../../engine/random.js"
import type { DynamoClient } from "../../stores/dynamo-store/dynamo-client.js"
import type { StreamsClient } from "../../stores/dynamo-store/index/streams-client.js"
import type { PgPool } from "../../stores/message-db/pg.js"
import type { ReadPage } from "../consumer-trace.js"
import type { Handler } from "../stage.js"
import type { Capability } from "./capability.js"
import type { Profile } from "./rule.js"

export type Adapter =
  AdapterOn<"message-db", MessageDbSession> | AdapterOn<"dynamo-store", DynamoStoreSession> | AdapterOn<"own", Session>

export interface AdapterOn<Store extends string, S extends Session> {
  /** Of what is adapted, as reports name it. */
  readonly name: string
  /** Of what is adapted. */
  readonly version: string
  /**
   * What a session brings: a pool for a Message DB, clients for the tables of a DynamoStore, or nothing where the store
   * is the adapter's own (see {@link Session.remote} and {@link Session.connectionString}). The kit writes the events to
   * the first two itself.
   */
  readonly store: Store
  /**
   * `virtual`: what is adapted takes the session's clock, so that thousands of histories run in virtual time, with faults
   * at any place. `real`: it uses the machine's; the kit drives it in real time, and its processes are restarted.
   */
  readonly time: "virtual" | "real"
  /**
   * `virtual`: it reads the machine's clock and chance and sets its timers, and is to get those of the simulation instead.
   * Default: it takes what the session gives it.
   */
  readonly globals?: "virtual"
  /** What of it there is to test. */
  readonly profiles: readonly Profile[]
  /** What it can do beyond the core of its profiles: a rule that needs what is not listed here is skipped. */
  readonly capabilities: readonly Capability[]
  /**
   * What is read and checkpointed on its own: each category, or the whole store, which is the tranche named `0`. Default:
   * `category`; on a DynamoStore it is always the whole store.
   */
  readonly tranches?: "category" | "store"
  /** Called once in each process, before anything else is asked of it. */
  open(session: S): Opened | Promise<Opened>
}

/** What a process gives to what it opens. */
export interface Session {
  /** Names the process and its incarnation, e.g. `consumer#2`. */
  readonly process: string
  readonly clock: Clock
  readonly random: Random
  /** Aborts when the process is asked to stop. */
  readonly signal: AbortSignal
  /**
   * Of a PostgreSQL database that this history has to itself, for code that makes its own connections. The login may create
   * what it needs in the schema `public`; an empty Message DB is in it too. In real time on a Message DB's server; else
   * undefined.
   */
  readonly connectionString: string | undefined
  /**
   * Runs when the process dies, or fails: to cut what the operating system would cut, e.g. the adapter's own connections.
   * Code that is not cut runs on like a zombie, and its handler calls have no effect.
   */
  readonly onCrash: (release: () => void) => void
  /**
   * An object that lives outside of all processes, made when it is asked for by this name first: a store of the adapter's
   * own. Each call of one of its async methods is a request and a reply, which the kit delays and loses; what goes
   * along is data, not functions.
   */
  remote<T extends object>(name: string, create: () => T): T
}

export interface MessageDbSession extends Session {
  /** A connection pool like that of `pg`, to an installed, empty Message DB. */
  readonly pool: PgPool
}

export interface DynamoStoreSession extends Session {
  readonly client: DynamoClient
  readonly streams: StreamsClient
  readonly tables: { readonly events: string; readonly index: string }
}

/** What is tested, opened in one process. What belongs to a profile that the adapter does not list may be left out. */
export interface Opened {
  /** For `source` and `consumer-groups`: one consumer. It is started once. */
  source?(consumer: Consumer): Source
  /** For `checkpoints`. Where it is there, sources get it too; else they get a store of the kit's. */
  readonly checkpoints?: ICheckpoints
  /** For `sink`. */
  sink?(options: SinkOptions): Sink
  /** For `event-store`, and wherever the store is the adapter's own. */
  readonly events?: EventStore
  /** Called when its process has come to its end in good order. */
  close?(): void | Promise<void>
}

export interface Source {
  /** Runs until `signal` aborts (resolves) or it fails (rejects). */
  start(signal: AbortSignal): Promise<void>
}

export interface SinkOptions {
  readonly handler: Handler
  readonly maxConcurrentStreams: number
  readonly maxReadAhead: number
  /**
   * Calls a stream for the first time with index 0, and waits for what it lacks. Asked only of sinks that list
   * `complete streams`. Default: false.
   */
  readonly requireCompleteStreams?: boolean
}

/** What a source is made with. */
export interface Consumer extends SinkOptions {
  readonly group: string
  readonly categories: readonly string[]
  /** Most events of a page. */
  readonly batchSize: number
  readonly tailSleepIntervalMs: number
  readonly checkpointIntervalMs: number
  /** Its number in the consumer group, from 0, and how many there are. Absent: it reads everything. */
  readonly member?: number
  readonly size?: number
  /** Where its positions are to be kept: observed. */
  readonly checkpoints: ICheckpoints
  readonly edges: Edges
}

/**
 * Where the kit looks on. The handler and the checkpoints of a {@link Consumer} are seen as they are; what a source reads,
 * and when its batches are done, is seen if it passes one of these on the way.
 */
export interface Edges {
  /** A pool whose reads of categories are seen, for `store: "message-db"`. */
  pool(pool: PgPool): PgPool
  /** A client whose reads of the index are seen, for `store: "dynamo-store"`. */
  client(client: DynamoClient): DynamoClient
  /** A sink whose batches are seen, when they are admitted and when they complete. */
  sink(sink: Sink): Sink
  /** Tells of a page that was read, where neither pool nor client shows it. */
  pageRead(tranche: string, page: ReadPage): void
}

export interface NewEvent {
  /** A UUID. Another attempt of the same append has the same ids. */
  readonly id: string
  readonly type: string
  /** JSON text. */
  readonly data: string
}

export interface StoredEvent {
  readonly id: string
  readonly type: string
  /** JSON text. */
  readonly data: string
  /** In its stream, from 0. */
  readonly index: number
}

export interface EventStore {
  /**
   * Appends to a stream, all events or none.
   * @param expected How many events the stream has, or it is a conflict; `any`: no check.
   */
  append(stream: string, events: readonly NewEvent[], expected: number | "any"): Promise<Appended>
  /** All events of a stream; none where there is no such stream. */
  read(stream: string): Promise<readonly StoredEvent[]>
}

/** `conflict`: the stream has not as many events as were expected, and nothing was written. */
export type Appended =
  | {
      readonly kind: "appended"
      /** Of the first event, in its stream. */
      readonly index: number
      /** Of each event, in its tranche. Absent: unknown, and nothing can be said of stored positions. */
      readonly positions?: readonly bigint[]
    }
  | { readonly kind: "conflict" }
