import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDB,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb"
import { checkOptions, InvalidOptionError } from "../../engine/options.js"
import { Database, type DatabaseOptions } from "./database.js"
import { offlineConfig, sendDirectly } from "./direct-send.js"
import { sdkError } from "./sdk-errors.js"

/** Either what a new database takes, or a database that there is: then this is one more client of it. */
export type FakeDynamoDBOptions = DatabaseOptions | { readonly database: Database }

/** The SDK's own commands that go straight to the database. Others take the whole way through the SDK. */
const operations: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [BatchGetItemCommand, "BatchGetItem"],
  [BatchWriteItemCommand, "BatchWriteItem"],
  [CreateTableCommand, "CreateTable"],
  [DeleteItemCommand, "DeleteItem"],
  [DeleteTableCommand, "DeleteTable"],
  [DescribeTableCommand, "DescribeTable"],
  [DescribeTimeToLiveCommand, "DescribeTimeToLive"],
  [GetItemCommand, "GetItem"],
  [ListTablesCommand, "ListTables"],
  [PutItemCommand, "PutItem"],
  [QueryCommand, "Query"],
  [ScanCommand, "Scan"],
  [TransactGetItemsCommand, "TransactGetItems"],
  [TransactWriteItemsCommand, "TransactWriteItems"],
  [UpdateItemCommand, "UpdateItem"],
  [UpdateTableCommand, "UpdateTable"],
  [UpdateTimeToLiveCommand, "UpdateTimeToLive"],
])

/**
 * What would be a `DynamoDB` of `@aws-sdk/client-dynamodb`, over a database in memory: the same methods and commands, the
 * same errors of the same classes; waiters, paginators, middleware and the document client work. There is no network, and
 * nothing is tried again. What the fake does not have it refuses with UnsupportedByFakeError.
 */
export class FakeDynamoDB extends DynamoDB {
  readonly database: Database

  /** @throws InvalidOptionError */
  constructor(options: FakeDynamoDBOptions = {}) {
    const database = databaseOf(options)
    super(offlineConfig(database))
    this.database = database
    sendDirectly(this, { target: database, operations, sdkError })
  }
}

function databaseOf(options: FakeDynamoDBOptions): Database {
  checkOptions("FakeDynamoDB", {}, options)
  if (!("database" in options)) return new Database(options)
  const { database, ...others } = options
  if (!(database instanceof Database))
    throw new InvalidOptionError("FakeDynamoDB", "database", database, "the database of another FakeDynamoDB")
  const [other] = Object.entries(others)
  if (other !== undefined)
    throw new InvalidOptionError("FakeDynamoDB", other[0], other[1], "left out where a database is given")
  return database
}
