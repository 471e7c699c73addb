import type { ProcessContext } from "../sim/world.js"
import type { DynamoClient } from "../stores/dynamo-store/dynamo-client.js"
import type { StreamsClient } from "../stores/dynamo-store/index/streams-client.js"
import type { ConsumerOptions, Stage } from "./stage.js"

export interface DynamoStoreConsumerOptions extends ConsumerOptions {
  /** Whether the events' bodies are loaded, and how many streams at once. Default: as the run drew it. */
  readonly load?: Loading
  /** Without a stored checkpoint, begin with what is indexed from now on. Default false: with the first event. */
  readonly startFromTail?: boolean
}

export type Loading =
  { readonly kind: "index-only" } | { readonly kind: "with-data"; readonly degreeOfParallelism: number }

/** Where items and epochs end: nothing that must hold may depend on it. */
export interface DynamoStoreTuning {
  /** Most events in a Tip before they move into a calf: at least 1. */
  tipEvents: number
  /** Most events in a Tip of the index before they move into a calf: at least 1. */
  indexTipEvents: number
  /** How many entries an epoch of the index takes before it closes: at least 1. */
  epochVersion: number
  /** How many streams an epoch of the index takes before it closes: at least 1. */
  epochStreams: number
  /**
   * How many closed epochs an indexer searches for what it has indexed. With Infinity an event that is indexed twice, or
   * before the one that precedes it in its stream, is a failure of the run.
   */
  lookBackEpochs: number
  /** How often indexers store how far they are, in milliseconds. Default: never, so that they begin at the beginning again. */
  placeIntervalMs?: number
}

/**
 * What the service does of its own accord. A scenario may change it at any time; the stage sets all of it to nothing
 * when the deployment is to come to rest. A real service does as it likes.
 */
export interface DynamoDbConditions {
  /** An eventually consistent read shows the table as it was up to so many milliseconds ago: drawn for each read. */
  lagMs: number
  /** A record of the table's stream can be read up to so many milliseconds after the write: drawn for each read. */
  streamLagMs: number
  /** How long a transaction holds its items, up to so many milliseconds: drawn for each. */
  transactionMs: number
}

export interface DynamoStoreClients {
  readonly client: DynamoClient
  readonly streams: StreamsClient
  readonly tables: Readonly<Record<"events" | "index", string>>
}

/** What a scenario may use on DynamoStore besides. */
export interface DynamoStoreStage extends Stage {
  readonly conditions: DynamoDbConditions
  /** Drawn from the seed; a scenario may change it before it starts a process. */
  readonly tuning: DynamoStoreTuning
  consume(self: ProcessContext, options: DynamoStoreConsumerOptions): Promise<void>
  /** Clients of this process, whose connections break when it crashes, and the tables that they are for. */
  clients(self: ProcessContext): DynamoStoreClients
  /** Splits or replaces a shard of the table's stream. A real service does so when it likes. */
  reshard(): void
  /**
   * Runs an indexer until `self.signal` aborts: from the stream of the events table into the index, begun anew after a
   * failure as its host would. A scenario for DynamoStore starts as many as it wants; for one that knows no indexers
   * the stage runs one, in trouble of its own.
   */
  index(self: ProcessContext): Promise<void>
}

export const calm: Readonly<DynamoDbConditions> = { lagMs: 0, streamLagMs: 0, transactionMs: 0 }
