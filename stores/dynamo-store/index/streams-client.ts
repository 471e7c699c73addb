import type {
  DescribeStreamCommandInput,
  DescribeStreamCommandOutput,
  GetRecordsCommandInput,
  GetRecordsCommandOutput,
  GetShardIteratorCommandInput,
  GetShardIteratorCommandOutput,
} from "@aws-sdk/client-dynamodb-streams"

/** What is needed of `DynamoDBStreams` of `@aws-sdk/client-dynamodb-streams`, of any 3.x and of whatever has these methods. */
export interface StreamsClient {
  describeStream(input: DescribeStreamCommandInput): Promise<DescribeStreamCommandOutput>
  getShardIterator(input: GetShardIteratorCommandInput): Promise<GetShardIteratorCommandOutput>
  getRecords(input: GetRecordsCommandInput): Promise<GetRecordsCommandOutput>
}

/** The name of an error of the service: errors are told apart by it, since there may be several copies of the SDK. */
export function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined
}
