/*
 * The streams of a database, and the four operations on them.
 *
 * What the service does by itself at times of its own choosing (splitting a shard, closing one and going on in another)
 * happens here when it is asked for. What it does by the clock (trimming after 24 hours, letting iterators expire after 15
 * minutes) follows from the time at which one looks, so that nothing has to run in the background.
 */
import type {
  DescribeStreamInput,
  DescribeStreamOutput,
  GetRecordsInput,
  GetRecordsOutput,
  GetShardIteratorInput,
  GetShardIteratorOutput,
  ListStreamsInput,
  ListStreamsOutput,
} from "@aws-sdk/client-dynamodb-streams"
import type { Clock } from "../../engine/clock.js"
import { InvalidOptionError } from "../../engine/options.js"
import { ChangeStream } from "./change-stream.js"
import type { ItemChange } from "./item-change.js"
import { UnsupportedByFakeError } from "./request-validation.js"
import { SequenceNumbers } from "./sequence-numbers.js"
import { ServiceError, validationError } from "./service-error.js"
import { iteratorText, parseIterator } from "./shard-iterator.js"
import type { StreamConditions } from "./stream-conditions.js"
import { recordOf } from "./stream-record.js"
import { checkLimit, checkShardId, positionIn, trimmedData } from "./stream-requests.js"
import type { StreamShard } from "./stream-shard.js"
import type { TableStream } from "./table-stream.js"

/** For how many milliseconds a record can be read: 24 hours. */
const retentionMs = 24 * 3_600_000
/** Bytes of records in an answer of GetRecords: 1 MB. */
const pageBytes = 1024 * 1024
const mostRecords = 1000
const mostListed = 100

/** The database as its streams see it. */
export interface StreamedDatabase {
  readonly clock: Clock
  /** The streams there are or were, in the order in which they were enabled. */
  streams(): Iterable<TableStream>
  onChange(listener: (change: ItemChange) => void): () => void
}

export class StreamLog {
  readonly #database: StreamedDatabase
  readonly #conditions: StreamConditions
  readonly #numbers = new SequenceNumbers()
  readonly #streams = new Map<string, ChangeStream>()
  /** Streams that were disabled so long ago that nothing is left of them. */
  readonly #gone = new Set<string>()

  /** To be created before anything is written: what was written earlier is not in it. */
  constructor(database: StreamedDatabase, conditions: StreamConditions = {}) {
    this.#database = database
    this.#conditions = conditions
    database.onChange((change) => this.#append(change))
  }

  /** @throws ServiceError as the service answers; UnsupportedByFakeError for an operation that is none of its four */
  execute(operation: string, input: object): object {
    switch (operation) {
      case "ListStreams":
        return this.listStreams(input)
      case "DescribeStream":
        return this.describeStream(input as DescribeStreamInput)
      case "GetShardIterator":
        return this.getShardIterator(input as GetShardIteratorInput)
      case "GetRecords":
        return this.getRecords(input as GetRecordsInput)
      default:
        throw new UnsupportedByFakeError(`the streams operation ${operation}`)
    }
  }

  listStreams({ TableName, Limit, ExclusiveStartStreamArn = "" }: ListStreamsInput): ListStreamsOutput {
    checkLimit(Limit, mostListed, `Limit cannot be greater than the maximum allowed size: ${mostListed}`)
    this.#catchUp()
    const all = [...this.#streams.values()]
      .map(({ table }) => table)
      .filter((table) => TableName === undefined || table.tableName === TableName)
      .filter((table) => table.streamArn > ExclusiveStartStreamArn)
      .sort((a, b) => (a.streamArn < b.streamArn ? -1 : 1))
    const page = all.slice(0, Limit ?? mostListed)
    return {
      Streams: page.map(({ streamArn, tableName, streamLabel }) => ({
        StreamArn: streamArn,
        TableName: tableName,
        StreamLabel: streamLabel,
      })),
      ...(page.length < all.length && { LastEvaluatedStreamArn: page.at(-1)!.streamArn }),
    }
  }

  describeStream(input: DescribeStreamInput): DescribeStreamOutput {
    const { StreamArn, Limit, ExclusiveStartShardId, ShardFilter } = input
    checkLimit(Limit, mostListed, `Limit cannot be greater than the maximum: ${mostListed}`)
    if (ExclusiveStartShardId !== undefined) checkShardId("exclusiveStartShardId", ExclusiveStartShardId)
    if (StreamArn === undefined) throw validationError("Invalid StreamArn")
    const { table, isEnabled, shards } = this.#stream(StreamArn)
    const all = shards
      .filter(({ parentId }) => ShardFilter?.Type !== "CHILD_SHARDS" || parentId === ShardFilter.ShardId)
      .filter(({ id }) => id > (ExclusiveStartShardId ?? ""))
    const page = all.slice(0, Limit ?? mostListed)
    return {
      StreamDescription: {
        StreamArn,
        StreamLabel: table.streamLabel,
        StreamStatus: isEnabled ? "ENABLED" : "DISABLED",
        StreamViewType: table.viewType,
        CreationRequestDateTime: new Date(table.enabledAt),
        TableName: table.tableName,
        KeySchema: table.keySchema.map((element) => ({ ...element })),
        Shards: page.map((shard) => shard.describe()),
        ...(page.length < all.length && { LastEvaluatedShardId: page.at(-1)!.id }),
      },
    }
  }

  getShardIterator(input: GetShardIteratorInput): GetShardIteratorOutput {
    const { StreamArn: streamArn, ShardId: shardId } = input
    if (streamArn === undefined)
      throw validationError("One or more parameter values were invalid: streamArn cannot be empty or null.")
    if (shardId === undefined) throw validationError("No ShardId specified.")
    const shard = this.#shard(streamArn, shardId)
    const from = positionIn(shard, input, this.#numbers.last)
    return { ShardIterator: iteratorText({ streamArn, shardId, from, issuedAt: this.#now() }) }
  }

  getRecords({ ShardIterator, Limit }: GetRecordsInput): GetRecordsOutput {
    checkLimit(Limit, mostRecords, `Limit should be less than or equal to ${mostRecords}`)
    const { streamArn, shardId, from } = parseIterator(ShardIterator, this.#now())
    const shard = this.#shard(streamArn, shardId)
    const { table } = this.#streams.get(streamArn)!
    if (this.#conditions.throttles?.({ operation: "GetRecords", tableName: table.tableName }) === true)
      throw new ServiceError("LimitExceededException", "Rate exceeded")
    if (from <= shard.trimmedTo) throw trimmedData()
    const until = this.#now() - this.#lagOf(streamArn, shardId)
    const page = shard.read(from, { entries: Limit ?? mostRecords, bytes: pageBytes, until })
    const next = page.next
    return {
      Records: page.entries.map((entry) => recordOf(entry, table)),
      ...(next !== undefined && {
        NextShardIterator: iteratorText({ streamArn, shardId, from: next, issuedAt: this.#now() }),
      }),
    }
  }

  /** The ids of a stream's open shards, by the hashes they are responsible for. @throws ServiceError ResourceNotFoundException */
  openShards(streamArn: string): string[] {
    return this.#stream(streamArn).openShards.map(({ id }) => id)
  }

  /**
   * Closes an open shard; two children share its partition keys by their hash. Returns their ids.
   * @throws ServiceError ResourceNotFoundException; RangeError if the shard is closed or has a single hash
   */
  splitShard(streamArn: string, shardId: string): string[] {
    return this.#replace(streamArn, shardId, 2)
  }

  /**
   * Closes an open shard; one child takes its place. Returns its id.
   * @throws ServiceError ResourceNotFoundException; RangeError if the shard is closed
   */
  rollShard(streamArn: string, shardId: string): string {
    return this.#replace(streamArn, shardId, 1)[0]!
  }

  #replace(streamArn: string, shardId: string, children: 1 | 2): string[] {
    const shard = this.#shard(streamArn, shardId)
    if (shard.ending !== undefined) throw new RangeError(`shard ${shardId} is closed: only an open one can be replaced`)
    return this.#streams.get(streamArn)!.replace(shard, children, this.#now())
  }

  #append(change: ItemChange): void {
    if (change.streamArn === undefined) return
    if (!this.#streams.has(change.streamArn)) this.#catchUp()
    this.#streams.get(change.streamArn)?.append(change, change.at - retentionMs)
  }

  /** The stream as it is now. @throws ServiceError ResourceNotFoundException */
  #stream(streamArn: string): ChangeStream {
    this.#catchUp()
    const stream = this.#streams.get(streamArn)
    if (stream === undefined) throw notFound(`Stream: ${streamArn} not found`)
    stream.trim(this.#now() - retentionMs)
    return stream
  }

  #shard(streamArn: string, shardId: string): StreamShard {
    const shard = this.#stream(streamArn).shard(shardId)
    if (shard === undefined) throw notFound("Shard does not exist")
    return shard
  }

  /** Takes in which streams were enabled and disabled, and forgets those that nothing is left of. */
  #catchUp(): void {
    const before = this.#now() - retentionMs
    for (const table of this.#database.streams()) {
      if (this.#gone.has(table.streamArn)) continue
      const stream = this.#streams.get(table.streamArn) ?? this.#begin(table)
      if (table.disabledAt !== undefined && stream.isEnabled) stream.disable(table.disabledAt)
      if (!stream.isGone(before)) continue
      this.#streams.delete(table.streamArn)
      this.#gone.add(table.streamArn)
    }
  }

  #begin(table: TableStream): ChangeStream {
    const stream = new ChangeStream(table, this.#numbers)
    this.#streams.set(table.streamArn, stream)
    return stream
  }

  #lagOf(streamArn: string, shardId: string): number {
    const lag = this.#conditions.streamLagMs?.({ streamArn, shardId }) ?? 0
    if (lag >= 0) return lag
    throw new InvalidOptionError("StreamConditions", "streamLagMs", lag, "a number of milliseconds from 0")
  }

  #now(): number {
    return this.#database.clock.now()
  }
}

function notFound(what: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", `Requested resource not found: ${what}`)
}
