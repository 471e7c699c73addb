import type { KeySchemaElement, StreamViewType } from "@aws-sdk/client-dynamodb"

/** A stream as the table that has or had it knows it. What is in it is the business of whoever listens to the changes. */
export interface TableStream {
  readonly tableName: string
  readonly tableArn: string
  readonly streamArn: string
  /** The time at which it was enabled, as text: the last part of its ARN. */
  readonly streamLabel: string
  readonly viewType: StreamViewType
  readonly keySchema: readonly KeySchemaElement[]
  /** Milliseconds since the Unix epoch. */
  readonly enabledAt: number
  /** Set when the stream was disabled or its table deleted. */
  readonly disabledAt?: number
}
