import { checkOptions, has } from "../../engine/options.js"
import type { DynamoClient } from "./dynamo-client.js"

const dynamoDb = has("getItem", "putItem", "updateItem", "transactWriteItems", "query")

/** The clients of a store: one for everything, and one that may be asked where an answer may be old. */
export class DynamoStoreClient {
  /** Writes and consistent reads. */
  readonly primary: DynamoClient
  /** Reads of the archive table. */
  readonly secondary: DynamoClient

  /** @throws InvalidOptionError */
  constructor(primary: DynamoClient, secondary: DynamoClient = primary) {
    checkOptions("DynamoStoreClient", { primary: dynamoDb, secondary: dynamoDb }, { primary, secondary })
    this.primary = primary
    this.secondary = secondary
  }
}
