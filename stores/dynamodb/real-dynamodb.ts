/** For test files: the real DynamoDB that `real-stores.setup.ts` started, or found, for this test run. */
import { DynamoDB, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb"
import { DynamoDBStreams } from "@aws-sdk/client-dynamodb-streams"
import { inject, type TestOptions } from "vitest"
import { systemRandom } from "../../engine/random.js"
import { StoreUnavailableError } from "../../engine/store-unavailable.js"
import { clientConfig } from "./client-config.js"

/** Options for tests that need the real DynamoDB: they are left out, and the run says why, when it has none. */
export const needsDynamoDb: TestOptions = inject("needs").dynamodb

/** Likewise for tests that start servers of their own. */
export const needsEmbeddedDynamoDb: TestOptions = inject("needs")["embedded dynamodb"]

/** Can be had without a server too, so that tests which are left out can be named: then its clients throw. */
export interface RealDynamoDb {
  /** @throws StoreUnavailableError when the test run has no real DynamoDB; so do `client` and `streams`. */
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

export function realDynamoDb(options: DynamoDBClientConfig = {}): RealDynamoDb {
  const server = inject("dynamoDb")
  if ("unavailable" in server) return missingDynamoDb(new StoreUnavailableError(server.unavailable, server.hint))
  const { endpoint, isEmbedded } = server
  const client = new DynamoDB({ ...clientConfig(endpoint), ...options })
  const streams = new DynamoDBStreams(clientConfig(endpoint))
  const names: string[] = []
  return {
    ...{ endpoint, client, streams, isEmbedded },
    tableName: (suffix) => {
      const name = newTableName(suffix)
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

function missingDynamoDb(reason: StoreUnavailableError): RealDynamoDb {
  return {
    get endpoint(): never {
      throw reason
    },
    get client(): never {
      throw reason
    },
    get streams(): never {
      throw reason
    },
    isEmbedded: false,
    tableName: newTableName,
    close: async () => {},
  }
}

const newTableName = (suffix = "table") => `windtunnel_${systemRandom.uuid().slice(0, 8)}_${suffix}`

function ignoreMissing(error: unknown): void {
  if ((error as Error).name !== "ResourceNotFoundException") throw error
}
