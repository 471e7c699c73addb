import { StreamsSink } from "../engine/sink/streams-sink.js"
import {
  appendsHandler,
  DynamoShardPlaces,
  DynamoStoreIndexer,
  StreamPump,
} from "../stores/dynamo-store/dynamo-store-indexer.js"
import { DynamoCheckpoints, DynamoStoreSource, LoadMode } from "../stores/dynamo-store/dynamo-store-source.js"
import {
  AccessStrategy,
  Decider,
  DynamoStoreCategory,
  DynamoStoreClient,
  DynamoStoreContext,
  LoadOption,
  MemoryCache,
} from "../stores/dynamo-store/index.js"
import { PgCheckpoints } from "../stores/message-db/pg-checkpoints.js"
import { MessageDbSource } from "../stores/message-db/source.js"
import type { EngineUnderTest } from "./engine-under-test.js"

/** The engine of this package, with its stores. */
export const referenceEngine: EngineUnderTest = {
  StreamsSink,
  MessageDbSource,
  PgCheckpoints,
  AccessStrategy,
  appendsHandler,
  Decider,
  DynamoCheckpoints,
  DynamoStoreCategory,
  DynamoStoreClient,
  DynamoStoreContext,
  DynamoShardPlaces,
  DynamoStoreIndexer,
  DynamoStoreSource,
  LoadMode,
  LoadOption,
  MemoryCache,
  StreamPump,
}
