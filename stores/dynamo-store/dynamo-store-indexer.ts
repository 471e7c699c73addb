/** `equinox-windtunnel/dynamo-store-indexer`: what keeps the index of a DynamoStore. */
export { DynamoStoreIndexer, type DynamoStoreIndexerOptions, type IngestResult } from "./index/indexer.js"
export { appendsHandler, type AppendsHandlerOptions, type Indexing } from "./index/appends-handler.js"
export {
  StreamRecordError,
  type StreamRecord,
  type StreamRecordChange,
  type StreamRecordsEvent,
  type StreamRecordsHandler,
} from "./index/stream-records.js"
export { IndexGapError } from "./index/gap.js"
export { IndexFormatError } from "./index/appends-epoch.js"
export type { AppendSpan } from "./index/append-span.js"
export { EpochPosition } from "./index/epoch-position.js"
export { StreamPump, type StreamPumpOptions } from "./index/stream-pump.js"
export { DynamoShardPlaces, type ShardPlaces } from "./index/shard-places.js"
export type { StreamsClient } from "./index/streams-client.js"
