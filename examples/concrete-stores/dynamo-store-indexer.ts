/**
 * Follows the stream of the events table and keeps the index that the source reads. Run it from the root of the project,
 * where the SDK finds a DynamoDB:
 *
 *     TABLE_NAME=events INDEX_TABLE_NAME=events_index node --import tsx examples/concrete-stores/dynamo-store-indexer.ts
 */
import { DynamoDB } from "@aws-sdk/client-dynamodb"
import { DynamoDBStreams } from "@aws-sdk/client-dynamodb-streams"
import { DynamoStoreClient, DynamoStoreContext, QueryOptions, TipOptions } from "equinox-windtunnel/dynamo-store"
import {
  appendsHandler,
  DynamoShardPlaces,
  DynamoStoreIndexer,
  StreamPump,
} from "equinox-windtunnel/dynamo-store-indexer"

const ddb = new DynamoDB()
const contextOf = (tableName: string) =>
  new DynamoStoreContext({
    client: new DynamoStoreClient(ddb),
    tableName,
    tip: TipOptions.create({}),
    query: QueryOptions.create({}),
  })

const tableName = process.env["TABLE_NAME"] || "events"
const { Table } = await ddb.describeTable({ TableName: tableName })
if (Table?.LatestStreamArn === undefined) throw new Error(`table "${tableName}" has no stream`)

const context = contextOf(process.env["INDEX_TABLE_NAME"] || "events_index")
const indexer = new DynamoStoreIndexer({
  context,
  eventsContext: contextOf(tableName),
})

const pump = StreamPump.create({
  streams: new DynamoDBStreams(),
  streamArn: Table.LatestStreamArn,
  handler: appendsHandler(indexer),
  // Started again, it goes on where it was.
  places: DynamoShardPlaces.create(context),
})

const ctrl = new AbortController()

process.on("SIGINT", () => ctrl.abort())
process.on("SIGTERM", () => ctrl.abort())

await pump.start(ctrl.signal)
