import type { DynamoDB } from "@aws-sdk/client-dynamodb"
import { systemClock } from "../engine/clock.js"
import { systemRandom } from "../engine/random.js"
import { withAwsSdk } from "./aws-sdk.js"
import type { DynamoStoreBackend, Item, TableKind } from "./dynamo-store-backend.js"
import { calm } from "./dynamo-store-stage.js"
import { makeTables } from "./dynamo-tables.js"
import { type LiveClients, liveClients } from "./live-dynamodb.js"
import type { LiveDynamoDb } from "./live-store.js"

/** Tables that are there, and the stream of the events table. */
export type DynamoTables = Pick<DynamoStoreBackend, "tables" | "streamArn">

/**
 * Tables of their own, for one run, in a real DynamoDB. Closing it deletes them.
 * @throws StoreUnavailableError when the SDK is not installed.
 */
export async function liveDynamoStore(store: LiveDynamoDb): Promise<DynamoStoreBackend> {
  const clients = (await liveClients(store))()
  const { client } = clients
  const name = `windtunnel-${systemRandom.uuid().slice(0, 13)}`
  const tables: Readonly<Record<TableKind, string>> = { events: `${name}-events`, index: `${name}-index` }
  const close = async () => {
    for (const table of Object.values(tables)) await client.deleteTable({ TableName: table }).catch(ifMissing)
    clients.destroy()
  }
  try {
    const streamArn = await makeTables(client, tables, systemClock)
    const backend = await dynamoStoreAt(store, { tables, streamArn })
    return {
      ...backend,
      close: async () => {
        await backend.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Tables that somebody else has made, in a real DynamoDB. Closing it leaves them.
 * @throws StoreUnavailableError when the SDK is not installed.
 */
export async function dynamoStoreAt(
  store: LiveDynamoDb,
  { tables, streamArn }: DynamoTables,
): Promise<DynamoStoreBackend> {
  const open = await liveClients(store)
  const { dynamoDbFailures, streamsFailures } = await withAwsSdk(() => import("./dynamodb-failures.js"))
  const all = new Set<LiveClients>()
  const connect = () => {
    const clients = open()
    all.add(clients)
    return clients
  }
  const { client } = connect()
  return {
    tables,
    streamArn,
    tokens: systemRandom,
    conditions: { ...calm },
    failures: { client: dynamoDbFailures, streams: streamsFailures },
    connect: () => {
      const clients = connect()
      return { client: clients.client, streams: clients.streams, cut: () => clients.destroy() }
    },
    items: (table) => scan(client, tables[table]),
    close: () => {
      for (const clients of all) clients.destroy()
      return Promise.resolve()
    },
  }
}

async function scan(client: DynamoDB, table: string): Promise<Item[]> {
  const items: Item[] = []
  let from: Item | undefined
  do {
    const page = await client.scan({
      TableName: table,
      ConsistentRead: true,
      ...(from !== undefined && { ExclusiveStartKey: from }),
    })
    items.push(...(page.Items ?? []))
    from = page.LastEvaluatedKey
  } while (from !== undefined)
  return items
}

function ifMissing(error: unknown): void {
  if ((error as Error).name !== "ResourceNotFoundException") throw error
}
