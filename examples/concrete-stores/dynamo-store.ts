/**
 * A reaction on DynamoStore. Run it from the root of the project, where the SDK finds a DynamoDB, e.g. with
 * `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_REGION` and credentials in the environment:
 *
 *     TABLE_NAME=events INDEX_TABLE_NAME=events_index CATEGORY=account node --import tsx examples/concrete-stores/dynamo-store.ts
 */
import { DynamoDB } from "@aws-sdk/client-dynamodb"
import { type ITimelineEvent, type StreamName, StreamsSink } from "equinox-windtunnel/propeller"
import { DynamoStoreSource, DynamoCheckpoints, LoadMode } from "equinox-windtunnel/dynamo-store-source"
// prettier-ignore
import { DynamoStoreClient, DynamoStoreContext, MemoryCache, QueryOptions, TipOptions } from "equinox-windtunnel/dynamo-store"

const Message = { CATEGORY: process.env["CATEGORY"] ?? "account" }
const config = { cache: new MemoryCache() }

async function handler(stream: StreamName, events: ITimelineEvent[]) {
  for (const event of events) console.log(`handled ${stream} ${event.index} ${event.data}`)
}

const sink = StreamsSink.create({
  handler,
  maxConcurrentStreams: 10,
  maxReadAhead: 3,
})

const ddb = new DynamoDB()

// Where the indexer writes down which streams have new events.
const indexContext = new DynamoStoreContext({
  client: new DynamoStoreClient(ddb),
  tableName: process.env["INDEX_TABLE_NAME"] || "events_index",
  tip: TipOptions.create({}),
  query: QueryOptions.create({}),
})

// Where the events themselves are.
const eventsContext = new DynamoStoreContext({
  client: new DynamoStoreClient(ddb),
  tableName: process.env["TABLE_NAME"] || "events",
  tip: TipOptions.create({}),
  query: QueryOptions.create({}),
})

const context = indexContext
const checkpoints = DynamoCheckpoints.create(
  context,
  config.cache,
  // seconds between checkpoints that are kept as events; the newest position is stored each time
  300,
)

const source = DynamoStoreSource.create({
  context: indexContext,
  batchSizeCutoff: 500,
  categories: [Message.CATEGORY],
  groupName: "MessageNotifications",
  checkpoints,
  tailSleepIntervalMs: 1000,
  maxReadAhead: 3,
  mode: LoadMode.WithData(10, eventsContext),
  sink,
})

const ctrl = new AbortController()

process.on("SIGINT", () => ctrl.abort())
process.on("SIGTERM", () => ctrl.abort())

await source.start(ctrl.signal)
