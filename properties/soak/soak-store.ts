import type { LiveWorld } from "../../sim/live-world.js"
import type { ProcessContext } from "../../sim/world.js"
import type { AppendedEvent } from "../appended-event.js"
import { type DynamoTables, dynamoStoreAt } from "../live-dynamo-store.js"
import { liveMessageDb } from "../live-message-db.js"
import type { LiveDynamoDb } from "../live-store.js"
import { referenceEngine } from "../reference-engine.js"
import type { ConsumerOptions, Stage } from "../stage.js"
import { StageOnDynamoStore } from "../stage-on-dynamo-store.js"
import { StageOnMessageDb } from "../stage-on-message-db.js"
import type { Trouble } from "./chaos.js"

/** Where the store of a soak is: plain data, for the processes of its consumers. */
export type StoreAddress =
  | { readonly kind: "message-db"; readonly connectionString: string }
  | ({ readonly kind: "dynamo-store"; readonly config: LiveDynamoDb["config"] } & DynamoTables)

/** The store of one soak: empty when it begins, and used by nobody else. */
export interface SoakStore {
  readonly address: StoreAddress
  /** Whether several consumers share the events between them. Else one consumer gets all of them. */
  readonly hasGroups: boolean
  /** Whether an indexer has to run, in a process of its own. */
  readonly hasIndexer: boolean
  /** How long to wait before asking again what came into view, in milliseconds. */
  readonly tellEveryMs: number
  /** What came into view since the last time. When the store fails in the middle, the next time goes on from there. */
  appended(): AsyncIterable<AppendedEvent>
  /** Whether consumers can see all that was written, when {@link appended} was asked for the last time. */
  isAllInView(): boolean
  troubles(): readonly Trouble[]
  close(): Promise<void>
}

/** A stage of one process, and what it does besides consuming. */
export interface OpenStage {
  readonly stage: Stage
  consume(self: ProcessContext, options: ConsumerOptions & Partial<Record<"member" | "size", number>>): Promise<void>
  /** See `MessageDbStage.resize`. */
  resize(self: ProcessContext, group: string, from: number, to: number): Promise<void>
  index(self: ProcessContext): Promise<void>
  readonly close: () => Promise<void>
}

/** What is tuned where DynamoStore is soaked: calves and new epochs come about, and nothing is drawn. */
const dynamoStoreSetup = {
  tuning: {
    tipEvents: 20,
    indexTipEvents: 50,
    epochVersion: 500,
    epochStreams: 100_000,
    lookBackEpochs: "all",
    placeIntervalMs: 500,
  },
  load: { kind: "with-data", degreeOfParallelism: 4 },
  transportAttempts: 3,
  snapshots: true,
  cache: "revalidated",
  checkpointFreqS: 10,
  pump: { pollIntervalMs: 50, batchSize: 1_000 },
  lagMs: 0,
  indexerTrouble: [],
} as const

export async function openStage(world: LiveWorld, address: StoreAddress): Promise<OpenStage> {
  if (address.kind === "message-db") {
    const backend = await liveMessageDb(address.connectionString)
    const stage = await StageOnMessageDb.create(world, referenceEngine, backend)
    return {
      stage,
      consume: (self, options) => stage.consume(self, options),
      resize: (self, ...sizes) => stage.resize(self, ...sizes),
      index: () => Promise.reject(new Error("Message DB has no indexer")),
      close: () => backend.close(),
    }
  }
  const backend = await dynamoStoreAt({ kind: "dynamo-store", name: "soak", config: address.config }, address)
  const stage = new StageOnDynamoStore(world, referenceEngine, backend, dynamoStoreSetup)
  return {
    stage,
    consume: (self, options) => stage.consume(self, options),
    resize: () => Promise.reject(new Error("DynamoStore has no consumer groups")),
    index: (self) => stage.index(self),
    close: () => backend.close(),
  }
}
