import type * as indexing from "../stores/dynamo-store/dynamo-store-indexer.js"
import type * as reading from "../stores/dynamo-store/dynamo-store-source.js"
import type * as store from "../stores/dynamo-store/index.js"

/** What of the three entries of DynamoStore is under test. They have to come from one copy: they know each other's classes. */
export type DynamoStoreParts = Pick<
  typeof store,
  | "AccessStrategy"
  | "Decider"
  | "DynamoStoreCategory"
  | "DynamoStoreClient"
  | "DynamoStoreContext"
  | "LoadOption"
  | "MemoryCache"
> &
  Pick<typeof indexing, "appendsHandler" | "DynamoStoreIndexer" | "StreamPump"> &
  Pick<typeof reading, "DynamoCheckpoints" | "DynamoStoreSource" | "LoadMode">
