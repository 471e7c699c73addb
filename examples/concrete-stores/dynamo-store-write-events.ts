/**
 * Writes events to DynamoStore, in turn to several streams of a category; the tables are made where they are missing.
 * Run it from the root of the project, where the SDK finds a DynamoDB:
 *
 *     CATEGORY=account STREAMS=5 EVENTS=20 node --import tsx examples/concrete-stores/dynamo-store-write-events.ts
 */
import { DynamoDB } from "@aws-sdk/client-dynamodb"
import {
  AccessStrategy,
  createTables,
  Decider,
  DynamoStoreCategory,
  DynamoStoreClient,
  DynamoStoreContext,
  jsonCodec,
  QueryOptions,
  TipOptions,
} from "equinox-windtunnel/dynamo-store"

interface Happened {
  readonly type: "Happened"
  readonly data: { readonly number: number }
}

const streams = Number(process.env["STREAMS"] ?? 5)
const events = Number(process.env["EVENTS"] ?? 20)

const ddb = new DynamoDB()
const tableName = process.env["TABLE_NAME"] || "events"
await createTables(ddb, { events: tableName, index: process.env["INDEX_TABLE_NAME"] || "events_index" })

// The state of a stream is the set of numbers that it holds: whoever is started again goes on where he was.
const category = DynamoStoreCategory.create<Happened, ReadonlySet<number>>({
  context: new DynamoStoreContext({
    client: new DynamoStoreClient(ddb),
    tableName,
    tip: TipOptions.create({ maxEvents: 10 }),
    query: QueryOptions.create({}),
  }),
  name: process.env["CATEGORY"] ?? "account",
  codec: jsonCodec(),
  fold: (numbers, happened) => new Set([...numbers, ...happened.map(({ data }) => data.number)]),
  initial: new Set(),
  access: AccessStrategy.Unoptimized(),
})

for (let number = 0; number < events; number++)
  await Decider.forStream(category, String(number % streams)).transact((numbers) =>
    numbers.has(number) ? [] : [{ type: "Happened", data: { number } }],
  )
