import type { AttributeValue } from "@aws-sdk/client-dynamodb"

/** A record of a stream of DynamoDB, as Lambda passes it on and as `GetRecords` returns it. Only what is read is listed. */
export interface StreamRecord {
  readonly eventName?: string | undefined
  readonly dynamodb?: StreamRecordChange | undefined
}

export interface StreamRecordChange {
  readonly Keys?: Readonly<Record<string, AttributeValue>> | undefined
  readonly NewImage?: Readonly<Record<string, AttributeValue>> | undefined
  readonly OldImage?: Readonly<Record<string, AttributeValue>> | undefined
  readonly StreamViewType?: string | undefined
  readonly SequenceNumber?: string | undefined
}

/** What a Lambda that follows a stream is called with. */
export interface StreamRecordsEvent {
  readonly Records: readonly StreamRecord[]
}

/** Takes records in their order; a rejection means that the same records have to come again. */
export type StreamRecordsHandler = (event: StreamRecordsEvent) => Promise<void>
