import {
  DescribeStreamCommand,
  DynamoDBStreams,
  DynamoDBStreamsServiceException,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  LimitExceededException,
  ListStreamsCommand,
  ResourceNotFoundException,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams"
import { checkOptions, InvalidOptionError } from "../../engine/options.js"
import type { AnswerMetadata } from "./answer-metadata.js"
import { Database } from "./database.js"
import { offlineConfig, sendDirectly } from "./direct-send.js"
import type { ServiceError } from "./service-error.js"
import type { StreamLog } from "./stream-log.js"

export interface FakeDynamoDBStreamsOptions {
  /** The `database` of a `FakeDynamoDB`. */
  readonly database: Database
}

/** The SDK's own commands that go straight to the streams. Others take the whole way through the SDK. */
const operations: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [DescribeStreamCommand, "DescribeStream"],
  [GetRecordsCommand, "GetRecords"],
  [GetShardIteratorCommand, "GetShardIterator"],
  [ListStreamsCommand, "ListStreams"],
])

/** The errors that have a class of their own in the SDK; all others are of the class that these extend. */
const exceptions: ReadonlyMap<string, new (options: never) => DynamoDBStreamsServiceException> = new Map(
  Object.entries({
    ExpiredIteratorException,
    LimitExceededException,
    ResourceNotFoundException,
    TrimmedDataAccessException,
  }),
)

/**
 * What would be a `DynamoDBStreams` of `@aws-sdk/client-dynamodb-streams`, over the streams of a database in memory: the
 * same methods and commands, the same errors of the same classes. There is no network, and nothing is tried again. What
 * the fake does not have it refuses with UnsupportedByFakeError.
 */
export class FakeDynamoDBStreams extends DynamoDBStreams {
  /** The streams themselves: to see which shards are open, and to split and replace them. */
  readonly log: StreamLog

  /** @throws InvalidOptionError */
  constructor(options: FakeDynamoDBStreamsOptions) {
    const { random, streamLog } = databaseOf(options)
    const target = { random, request: async (operation: string, input: object) => streamLog.execute(operation, input) }
    super(offlineConfig(target))
    this.log = streamLog
    sendDirectly(this, { target, operations, sdkError })
  }
}

function databaseOf(options: FakeDynamoDBStreamsOptions): Database {
  checkOptions("FakeDynamoDBStreams", {}, options)
  const { database } = options
  if (database instanceof Database) return database
  throw new InvalidOptionError("FakeDynamoDBStreams", "database", database, "the database of a FakeDynamoDB")
}

function sdkError({ name, message }: ServiceError, $metadata: AnswerMetadata): DynamoDBStreamsServiceException {
  const Exception = exceptions.get(name) ?? DynamoDBStreamsServiceException
  return new Exception({ name, $fault: "client", $metadata, message } as never)
}
