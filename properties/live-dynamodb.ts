import type { DynamoDB, DynamoDBClientConfig } from "@aws-sdk/client-dynamodb"
import type { DynamoDBStreams } from "@aws-sdk/client-dynamodb-streams"
import { StoreUnavailableError } from "../engine/store-unavailable.js"
import { withAwsSdk } from "./aws-sdk.js"
import type { LiveDynamoDb } from "./live-store.js"

/** Clients of the SDK, which retry on their own what fails on the way. */
export interface LiveClients {
  readonly client: DynamoDB
  readonly streams: DynamoDBStreams
  /** Cuts the connections, as when the process dies. */
  destroy(): void
}

/** @throws StoreUnavailableError when the SDK is not installed. */
export async function liveClients({ config }: LiveDynamoDb): Promise<() => LiveClients> {
  const [dynamodb, streaming] = await withAwsSdk(() =>
    Promise.all([import("@aws-sdk/client-dynamodb"), import("@aws-sdk/client-dynamodb-streams")]),
  )
  const settings = config as DynamoDBClientConfig
  return () => {
    const client = new dynamodb.DynamoDB(settings)
    const streams = new streaming.DynamoDBStreams({ ...settings, ...streamsEndpoint(settings.endpoint) })
    const destroy = () => {
      client.destroy()
      streams.destroy()
    }
    return { client, streams, destroy }
  }
}

/** Amazon has the streams on a host of their own, everybody else on the same one. */
function streamsEndpoint(endpoint: unknown): { readonly endpoint?: string } {
  if (typeof endpoint !== "string") return {}
  return { endpoint: endpoint.replace(/^(https?:\/\/)(dynamodb\.[^/]*\.amazonaws\.com)/, "$1streams.$2") }
}

/**
 * Asks for the tables, so that a DynamoDB that does not answer is known before anything is run.
 * @throws StoreUnavailableError
 */
export async function proveDynamoDb(store: LiveDynamoDb): Promise<void> {
  const clients = (await liveClients(store))()
  try {
    await clients.client.listTables({ Limit: 1 })
  } catch (cause) {
    const { name, message } = cause as Error
    throw new StoreUnavailableError(
      `the DynamoDB could not be reached: ${name}: ${message}`,
      "check DYNAMODB_ENDPOINT, the region and the credentials of the SDK",
      { cause },
    )
  } finally {
    clients.destroy()
  }
}
