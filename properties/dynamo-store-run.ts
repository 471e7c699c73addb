import type { SeededRandom } from "../sim/seeded-random.js"
import type { DynamoStoreTuning, Loading } from "./dynamo-store-stage.js"

/** What a run on DynamoStore draws from its seed, whatever the scenario is about: nothing that must hold depends on it. */
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

export const drawDynamoStoreRun = (random: SeededRandom): DynamoStoreRun => ({
  tuning: {
    tipEvents: random.pick([1, 3, 10, 100]),
    indexTipEvents: random.pick([1, 3, 10, 100]),
    epochVersion: random.pick([2, 5, 20, 5_000]),
    epochStreams: random.pick([2, 5, 100_000, 100_000]),
    lookBackEpochs: random.pick([2, Infinity, Infinity]),
  },
  load: random.pick([
    { kind: "index-only" },
    ...[1, 3].map((n) => ({ kind: "with-data", degreeOfParallelism: n })),
  ]) as Loading,
  transportAttempts: random.pick([1, 3]),
  snapshots: random.chance(0.5),
  cache: random.pick(["none", "trusted", "revalidated"] as const),
  checkpointFreqS: random.pick([1, 300]),
  pump: { pollIntervalMs: random.integer(5, 30), batchSize: random.pick([1, 3, 10, 1_000]) },
  lagMs: random.pick([0, 0, 20, 100]),
})
