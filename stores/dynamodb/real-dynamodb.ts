/** For test files: the real DynamoDB that `real-stores.setup.ts` started, or found, for this test run. */
import { DynamoDB, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb"
import { DynamoDBStreams } from "@aws-sdk/client-dynamodb-streams"
import { inject } from "vitest"
import { systemRandom } from "../../engine/random.js"
import { StoreUnavailableError } from "../../engine/store-unavailable.js"
import { clientConfig } from "./client-config.js"

export interface RealDynamoDb {
  readonly endpoint: string
  readonly client: DynamoDB
  readonly streams: DynamoDBStreams
  /** True of the version of DynamoDB Local that is known here, with its differences from the service. */
  readonly isEmbedded: boolean
  /** A name that no other test has, for a table. Tables whose names came from here are deleted by `close`. */
  tableName(suffix?: string): string
  /** Deletes the tables and closes the clients. */
  close(): Promise<void>
}

/** @throws StoreUnavailableError when the test run has no real DynamoDB. */
export function realDynamoDb(options: DynamoDBClientConfig = {}): RealDynamoDb {
  const server = inject("dynamoDb")
  if ("unavailable" in server) throw new StoreUnavailableError(server.unavailable, server.hint)
  const config = { ...clientConfig(server.endpoint), ...options }
  const client = new DynamoDB(config)
  const streams = new DynamoDBStreams(clientConfig(server.endpoint))
  const names: string[] = []
  return {
    endpoint: server.endpoint,
    client,
    streams,
    isEmbedded: server.isEmbedded,
    tableName: (suffix = "table") => {
      const name = `windtunnel_${systemRandom.uuid().slice(0, 8)}_${suffix}`
      names.push(name)
      return name
    },
    close: async () => {
      for (const name of names) await client.deleteTable({ TableName: name }).catch(ignoreMissing)
      client.destroy()
      streams.destroy()
    },
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as Error).name !== "ResourceNotFoundException") throw error
}
