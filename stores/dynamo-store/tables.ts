import type {
  CreateTableCommandInput,
  CreateTableCommandOutput,
  DescribeTableCommandInput,
  DescribeTableCommandOutput,
} from "@aws-sdk/client-dynamodb"
import { type Clock, systemClock } from "../../engine/clock.js"
import { checkOptions, has, optional, text } from "../../engine/options.js"

/** What making tables needs of DynamoDB: the `DynamoDB` object of the AWS SDK, or anything of this shape. */
export interface TablesClient {
  createTable(input: CreateTableCommandInput): Promise<CreateTableCommandOutput>
  describeTable(input: DescribeTableCommandInput): Promise<DescribeTableCommandOutput>
}

export interface CreateTablesOptions {
  /** Name of the table of events. Its stream shows new images, from which the indexer learns what was appended. */
  readonly events: string
  /** Name of the table of the index and of checkpoints; without a stream. */
  readonly index: string
  readonly clock?: Clock
}

const pollMs = 200
/** A table is there after some seconds; whoever waits a minute waits for something else. */
const mostPolls = 300

/**
 * Makes the two tables of a DynamoStore, billed by request, where they are missing, and waits until both can be used.
 * A table that is there is left as it is.
 * @throws InvalidOptionError
 * @throws Error when a table is not active after a minute.
 */
export async function createTables(client: TablesClient, options: CreateTablesOptions): Promise<void> {
  checkOptions("createTables", { client: has("createTable", "describeTable") }, { client })
  checkOptions("createTables", { events: text, index: text, clock: optional(has("sleep")) }, options)
  await Promise.all([create(client, options.events, true), create(client, options.index, false)])
  for (const name of [options.events, options.index]) await active(client, name, options.clock ?? systemClock)
}

async function create(client: TablesClient, tableName: string, withStream: boolean): Promise<void> {
  try {
    await client.createTable({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "p", KeyType: "HASH" },
        { AttributeName: "i", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "p", AttributeType: "S" },
        { AttributeName: "i", AttributeType: "N" },
      ],
      ...(withStream && { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" } }),
    })
  } catch (error) {
    if ((error as Error).name !== "ResourceInUseException") throw error
  }
}

async function active(client: TablesClient, tableName: string, clock: Clock): Promise<void> {
  for (let poll = 0; poll < mostPolls; poll++) {
    const { Table } = await client.describeTable({ TableName: tableName })
    if (Table?.TableStatus === "ACTIVE") return
    await clock.sleep(pollMs)
  }
  throw new Error(`table "${tableName}" is not active after ${(mostPolls * pollMs) / 1000} seconds`)
}
