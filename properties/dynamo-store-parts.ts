import type { ICheckpoints } from "../engine/checkpoints.js"
import type * as indexing from "../stores/dynamo-store/dynamo-store-indexer.js"
import type * as reading from "../stores/dynamo-store/dynamo-store-source.js"
import type * as store from "../stores/dynamo-store/index.js"

/** What of the three entries of DynamoStore is under test. They have to come from one copy: they know each other's classes. */
export interface DynamoStoreParts
  extends
    Pick<
      typeof store,
      | "AccessStrategy"
      | "Decider"
      | "DynamoStoreCategory"
      | "DynamoStoreClient"
      | "DynamoStoreContext"
      | "LoadOption"
      | "MemoryCache"
    >,
    Pick<typeof indexing, "appendsHandler" | "DynamoShardPlaces" | "StreamPump"> {
  readonly DynamoStoreIndexer: new (options: indexing.DynamoStoreIndexerOptions) => indexing.Indexing
  readonly DynamoStoreSource: {
    create(options: reading.DynamoStoreSourceOptions): { start(signal: AbortSignal): Promise<void> }
  }
  readonly LoadMode: {
    IndexOnly(): reading.LoadMode
    WithData(degreeOfParallelism: number, events: store.DynamoStoreContext): reading.LoadMode
  }
  readonly DynamoCheckpoints: {
    create(context: store.DynamoStoreContext, cache: store.Cache | undefined, checkpointFreqS: number): ICheckpoints
  }
}
