import fc from "fast-check"
import type { DynamoStoreTuning, Loading } from "./dynamo-store-stage.js"
import { trouble, type Trouble } from "./trouble.js"

/** What is drawn for a run on DynamoStore, whatever the scenario is about: nothing that must hold depends on it. */
export interface DynamoStoreRun {
  readonly tuning: DynamoStoreTuning
  readonly load: Loading
  /** How often the transport tries a request in all, as the SDK does. */
  readonly transportAttempts: number
  /** Whether writers keep a snapshot beside the events. */
  readonly snapshots: boolean
  /** Whether writers keep states between decisions: to begin with what they kept, or to bring it up to date before. */
  readonly cache: "none" | "trusted" | "revalidated"
  /** Seconds between checkpoints that are kept as events. */
  readonly checkpointFreqS: number
  readonly pump: { readonly pollIntervalMs: number; readonly batchSize: number }
  /** See {@link DynamoDbConditions}. */
  readonly lagMs: number
}

/** A run as it is drawn: plain JSON. */
export type DynamoStoreSetup = Omit<DynamoStoreRun, "tuning"> & {
  readonly tuning: Omit<DynamoStoreTuning, "lookBackEpochs"> & { readonly lookBackEpochs: number | "all" }
  /** Of the one indexer that the stage runs for a scenario which knows of none. */
  readonly indexerTrouble: Trouble
}

const loading: fc.Arbitrary<Loading> = fc.constantFrom<Loading>(
  { kind: "index-only" },
  { kind: "with-data", degreeOfParallelism: 1 },
  { kind: "with-data", degreeOfParallelism: 3 },
)

/** What a run on DynamoStore draws beside what its scenario does. Shrinks to what is out of the way. */
export const dynamoStoreSetup: fc.Arbitrary<DynamoStoreSetup> = fc.record({
  tuning: fc.record({
    tipEvents: fc.constantFrom(100, 10, 3, 1),
    indexTipEvents: fc.constantFrom(100, 10, 3, 1),
    epochVersion: fc.constantFrom(5_000, 20, 5, 2),
    epochStreams: fc.constantFrom(100_000, 100_000, 5, 2),
    lookBackEpochs: fc.constantFrom<"all" | number>("all", "all", 2),
  }),
  load: loading,
  transportAttempts: fc.constantFrom(1, 3),
  snapshots: fc.boolean(),
  cache: fc.constantFrom("none", "trusted", "revalidated"),
  checkpointFreqS: fc.constantFrom(1, 300),
  pump: fc.record({ pollIntervalMs: fc.integer({ min: 5, max: 30 }), batchSize: fc.constantFrom(1_000, 10, 3, 1) }),
  lagMs: fc.constantFrom(0, 0, 20, 100),
  indexerTrouble: trouble(),
})

/** The run of a setup; its tuning belongs to it alone, so that a scenario may change it. */
export function dynamoStoreRun({ tuning, indexerTrouble: _, ...run }: DynamoStoreSetup): DynamoStoreRun {
  const { lookBackEpochs } = tuning
  return { ...run, tuning: { ...tuning, lookBackEpochs: lookBackEpochs === "all" ? Infinity : lookBackEpochs } }
}
