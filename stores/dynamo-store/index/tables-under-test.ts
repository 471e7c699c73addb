import type { AttributeValue, DynamoDB } from "@aws-sdk/client-dynamodb"
import seedrandom from "seedrandom"
import type { Clock } from "../../../engine/clock.js"
import type { Random } from "../../../engine/random.js"
import type { DynamoClient } from "../dynamo-client.js"
import { DynamoStoreClient } from "../dynamo-store-client.js"
import { DynamoStoreContext } from "../dynamo-store-context.js"
import { EventsContext } from "../events-context.js"
import type { TipOptions } from "../tip-options.js"
import type { AppendSpan } from "./append-span.js"
import { DynamoStoreIndexer, type DynamoStoreIndexerOptions } from "./indexer.js"
import { walkEpoch } from "./epoch-reader.js"
import { EpochPosition } from "./epoch-position.js"
import type { StreamRecord } from "./stream-records.js"

/** Time that passes by itself with every look at it, and all at once when somebody sleeps. */
export class RestlessClock implements Clock {
  #now = Date.parse("2026-01-01T00:00:00Z")

  now(): number {
    return this.#now++
  }

  async sleep(ms: number): Promise<void> {
    this.#now += ms
    await Promise.resolve()
  }

  turn(): Promise<void> {
    return Promise.resolve()
  }
}

export function seeded(seed: number): Random {
  const next = seedrandom(String(seed))
  const digit = () => "0123456789abcdef"[Math.floor(next() * 16)]!
  const uuid = () => "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, digit)
  return { next: () => next(), uuid }
}

export interface ChangedItem {
  readonly tableName: string
  readonly key: Record<string, AttributeValue>
  readonly before?: Record<string, AttributeValue>
  readonly after?: Record<string, AttributeValue>
}

/** A fake DynamoDB, as far as it is used here. */
export type Database = Pick<DynamoDB, "createTable"> &
  DynamoClient & { readonly database: { onChange(listener: (change: ChangedItem) => void): () => void } }

/** An events table and its index, and the records of the former. */
export class TablesUnderTest {
  static async create(ddb: Database, options: Partial<TablesOptions> = {}): Promise<TablesUnderTest> {
    for (const tableName of ["events", "index"]) await createTable(ddb, tableName)
    return new TablesUnderTest(ddb, options)
  }

  readonly clock: Clock
  readonly random: Random
  readonly records: StreamRecord[] = []
  readonly warnings: string[] = []
  /** Types of the events of each stream. */
  readonly written = new Map<string, string[]>()
  readonly #ddb: Database
  readonly #options: Partial<TablesOptions>

  private constructor(ddb: Database, options: Partial<TablesOptions>) {
    this.#ddb = ddb
    this.#options = options
    this.clock = options.clock ?? new RestlessClock()
    this.random = options.random ?? seeded(1)
    ddb.database.onChange((change) => {
      if (change.tableName === "events") this.records.push(recordOf(change))
    })
  }

  context(tableName: "events" | "index", client: DynamoClient = this.#ddb): DynamoStoreContext {
    return new DynamoStoreContext({
      client: new DynamoStoreClient(client),
      tableName,
      tip: this.#options.tip ?? {},
      query: { maxItems: this.#options.maxItems ?? 32 },
      clock: this.clock,
      random: this.random,
    })
  }

  indexer(options: Partial<DynamoStoreIndexerOptions> = {}, client?: DynamoClient): DynamoStoreIndexer {
    const warn = (message: string) => void this.warnings.push(message)
    return new DynamoStoreIndexer({ context: this.context("index", client), warn, ...options })
  }

  /** Appends to the events table; the types tell the indexes. */
  async append(stream: string, count: number): Promise<void> {
    const events = new EventsContext(this.context("events"))
    const types = this.written.get(stream) ?? []
    this.written.set(stream, types)
    const added = Array.from({ length: count }, (_, at) => `T${types.length + at}`)
    const position = await events.position(stream, { consistent: true })
    const unfolds = count === 0 ? [{ type: "Snapshot", data: "{}" }] : undefined
    const outcome = await events.sync(
      stream,
      position,
      added.map((type) => ({ type })),
      unfolds,
    )
    if (outcome.type === "written") types.push(...added)
  }

  /** The whole index as a reader sees it who goes from epoch to epoch, and where it ends. */
  async readIndex(): Promise<{ readonly spans: readonly AppendSpan[]; readonly position: bigint }> {
    const spans: AppendSpan[] = []
    for (let epoch = 0; ; epoch++) {
      for await (const page of walkEpoch(this.context("index"), "0", epoch, 0, { consistent: true })) {
        spans.push(...page.entries.flatMap((entry) => entry.spans))
        if (page.isEnd && !page.isClosed) return { spans, position: EpochPosition.of(epoch, page.next) }
      }
    }
  }
}

export interface TablesOptions {
  readonly tip: Partial<TipOptions>
  readonly maxItems: number
  readonly clock: Clock
  readonly random: Random
}

export const span = (stream: string, index: number, count = 1): AppendSpan => ({
  stream,
  index,
  types: Array.from({ length: count }, (_, at) => `T${index + at}`),
})

function recordOf({ key, before, after }: ChangedItem): StreamRecord {
  const eventName = after === undefined ? "REMOVE" : before === undefined ? "INSERT" : "MODIFY"
  const image = after === undefined ? {} : { NewImage: after }
  return { eventName, dynamodb: { Keys: key, ...image, StreamViewType: "NEW_IMAGE" } }
}

async function createTable(ddb: Pick<DynamoDB, "createTable">, tableName: string): Promise<void> {
  await ddb.createTable({
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
  })
}
