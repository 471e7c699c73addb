import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import type { Random } from "../engine/random.js"
import type { Failure } from "../sim/failure.js"
import type { DynamoClient } from "../stores/dynamo-store/dynamo-client.js"
import type { StreamsClient } from "../stores/dynamo-store/index/streams-client.js"
import type { DynamoDbConditions } from "./dynamo-store-stage.js"

export type Item = Readonly<Record<string, AttributeValue>>

export type TableKind = "events" | "index"

/** The clients of one process. */
export interface DynamoConnections {
  readonly client: DynamoClient
  readonly streams: StreamsClient
  /** Cuts the connections, as when the process dies. */
  readonly cut: () => void
}

/** The tables of one run: empty when the run begins, and used by nobody else. */
export interface DynamoStoreBackend {
  readonly tables: Readonly<Record<TableKind, string>>
  /** Of the events table. */
  readonly streamArn: string
  /** Makes the tokens of transactions. A real service remembers them over runs and tables, so there they never repeat. */
  readonly tokens: Random
  /** What the service does of its own accord; a real one does not listen. */
  readonly conditions: DynamoDbConditions
  /** What the service can do to a request, for ports of its clients. */
  readonly failures: Readonly<Record<keyof Omit<DynamoConnections, "cut">, Readonly<Record<string, Failure>>>>
  connect(): DynamoConnections
  /** Splits a shard of the stream, or lets another take its place, as the service does at times. A real one is not asked. */
  reshard?(): void
  /** Tells of items in the turn in which they change, if this store can. Else `undefined`: see {@link items}. */
  readonly onChange?: (listener: (table: TableKind, item: Item) => void) => void
  /** All items of a table, as a consistent read sees them, in any order. */
  items(table: TableKind): Promise<readonly Item[]>
  close(): Promise<void>
}
