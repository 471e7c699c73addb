/*
 * Hands the records of a table's stream to a handler, as a Lambda event source does.
 *
 * Invariants: a shard is read when its parent has been read to its end or is gone, so the changes of one item come in
 * their order; shards whose parents are done are read side by side, each by a loop of its own, so none waits for another;
 * what the handler has not accepted comes again, in the same place. Beyond a run only what `places` keeps is remembered:
 * the next one goes on there, or, where nothing is kept of the stream, begins where `startingPosition` says.
 */
import type { Shard } from "@aws-sdk/client-dynamodb-streams"
import * as v from "valibot"
import { follow, untilAbandoned } from "../../../engine/abort.js"
import { systemClock, type Clock } from "../../../engine/clock.js"
import { checkOptions, fn, has, integer, milliseconds, optional, text } from "../../../engine/options.js"
import { systemWarn, type Warn } from "../../../engine/warning.js"
import { FailuresInARow } from "./failures-in-a-row.js"
import type { ShardPlaces } from "./shard-places.js"
import { ShardReader, type StartingPosition } from "./shard-reader.js"
import type { StreamRecordsHandler } from "./stream-records.js"
import { nameOf, type StreamsClient } from "./streams-client.js"

export interface StreamPumpOptions {
  /** A `DynamoDBStreams`, or what has its methods. */
  readonly streams: StreamsClient
  /** `LatestStreamArn` of the table, as DescribeTable answers it. */
  readonly streamArn: string
  /**
   * Is called with the records of one page of one shard. When it rejects, the same records come again after a pause. Calls
   * for different shards overlap.
   */
  readonly handler: StreamRecordsHandler
  readonly clock?: Clock
  /** Pause after a page without records, in milliseconds. Default 1000. */
  readonly pollIntervalMs?: number
  /** Most records of a call: an integer from 1 to 1000, the default. */
  readonly batchSize?: number
  /**
   * Where a run begins of which `places` keep nothing: `TRIM_HORIZON`, the default, at the oldest record there is, at most
   * 24 hours ago; `LATEST` at what is written after it has found the shards. A run that began at `LATEST` and could not
   * read for 15 minutes before its first record goes on at the oldest: rather too much than too little.
   */
  readonly startingPosition?: StartingPosition
  /**
   * Keeps how far each shard is handled, so that a pump that is started again does not read the whole stream again:
   * `DynamoShardPlaces.create(context)`. A place that is not stored in time leads to records that come again. Default: none.
   */
  readonly places?: ShardPlaces
  /** Pause between writes of a shard's place, in milliseconds. The end of a run writes it as well. Default 5000. */
  readonly placeIntervalMs?: number
  /** Pause after the first of several failures in a row, in milliseconds; it doubles with each. Default 100. */
  readonly backOffMs?: number
  /** Longest pause between failures, in milliseconds. Default 30000. */
  readonly maxBackOffMs?: number
  /** How many failures in a row, of one shard or of the list of shards, end the run: an integer from 1. Default: none do. */
  readonly maxFailures?: number
  /** Takes failures that are tried again, and records that were lost. Default: Node's warnings. */
  readonly warn?: Warn
}

const accepted = {
  streams: has("describeStream", "getShardIterator", "getRecords"),
  streamArn: text,
  handler: fn,
  clock: optional(has("now", "sleep", "turn")),
  pollIntervalMs: optional(milliseconds),
  batchSize: optional(
    v.custom<number>(
      (x) => Number.isInteger(x) && (x as number) >= 1 && (x as number) <= 1000,
      "an integer from 1 to 1000",
    ),
  ),
  startingPosition: optional(
    v.custom<string>((x) => x === "TRIM_HORIZON" || x === "LATEST", '"TRIM_HORIZON" or "LATEST"'),
  ),
  places: optional(has("load", "store")),
  placeIntervalMs: optional(milliseconds),
  backOffMs: optional(milliseconds),
  maxBackOffMs: optional(milliseconds),
  maxFailures: optional(integer(1)),
  warn: optional(fn),
}

/** Every how many poll intervals the shards are listed though none has ended. */
const pollsPerListing = 10

type PumpSettings = Required<Omit<StreamPumpOptions, "places">> & { readonly places: ShardPlaces | undefined }

export class StreamPump {
  /** @throws InvalidOptionError for the first option that is out of range */
  static create(options: StreamPumpOptions): StreamPump {
    checkOptions("StreamPump.create", accepted, options)
    return new StreamPump(options)
  }

  readonly #settings: PumpSettings

  private constructor(options: StreamPumpOptions) {
    this.#settings = {
      ...options,
      clock: options.clock ?? systemClock,
      pollIntervalMs: options.pollIntervalMs ?? 1000,
      batchSize: options.batchSize ?? 1000,
      startingPosition: options.startingPosition ?? "TRIM_HORIZON",
      places: options.places,
      placeIntervalMs: options.placeIntervalMs ?? 5000,
      backOffMs: options.backOffMs ?? 100,
      maxBackOffMs: options.maxBackOffMs ?? 30_000,
      maxFailures: options.maxFailures ?? Infinity,
      warn: options.warn ?? systemWarn,
    }
  }

  /**
   * Runs until `signal` aborts (resolves, once the calls that were running have ended), until a stream that was disabled
   * has been read to its end (resolves), or until something fails for good (rejects with it, after all shards have
   * stopped): the stream does not exist, or there were `maxFailures` failures in a row.
   */
  async start(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { controller, release } = follow(signal)
    await new PumpRun(this.#settings, controller).run().finally(release)
  }
}

/** The shards of a stream as one listing shows them. */
interface Listing {
  readonly shards: readonly ListedShard[]
  readonly isDisabled: boolean
}

interface ListedShard {
  readonly id: string
  readonly parentId: string | undefined
  readonly isClosed: boolean
}

class PumpRun {
  readonly #settings: PumpSettings
  readonly #stop: AbortController
  readonly #failures: FailuresInARow
  readonly #reading = new Map<string, Promise<void>>()
  /** Where earlier runs came to, by shard. */
  readonly #places = new Map<string, string>()
  /** Shards that are read to their end, as long as they are listed. */
  #read = new Set<string>()
  #isFirstListing = true
  #failure: { readonly error: unknown } | undefined
  /** Ends the pause before the next listing: a shard was read to its end, or the run ends. */
  #pause = new AbortController()

  constructor(settings: PumpSettings, stop: AbortController) {
    this.#settings = settings
    this.#stop = stop
    this.#failures = new FailuresInARow(settings)
  }

  async run(): Promise<void> {
    await this.#followShards().catch((error: unknown) => this.#fail(error))
    await Promise.all(this.#reading.values())
    if (this.#failure !== undefined) throw this.#failure.error
  }

  async #followShards(): Promise<void> {
    for (let isEnd = false; !isEnd && !this.#stop.signal.aborted;) {
      const { controller, release } = follow(this.#stop.signal)
      this.#pause = controller
      const listing = await this.#list()
      isEnd = listing !== undefined && (await this.#takeIn(listing))
      release()
    }
  }

  /** Whether that was the last listing there has to be. */
  async #takeIn(listing: Listing): Promise<boolean> {
    this.#beginReading(listing)
    if (listing.isDisabled && this.#reading.size === 0) return true
    const { clock, pollIntervalMs } = this.#settings
    const pauseMs = this.#isBehind(listing) ? pollIntervalMs : pollsPerListing * pollIntervalMs
    await clock.sleep(pauseMs, this.#pause.signal)
    return false
  }

  /** Undefined if the run ends, or if it has to be tried again. */
  async #list(): Promise<Listing | undefined> {
    const { streamArn, clock } = this.#settings
    const { signal } = this.#stop
    let failed = `the shards of stream ${streamArn} could not be listed`
    const list = async () => {
      const listing = await this.#listPages()
      if (!this.#isFirstListing) return listing
      failed = `the places in stream ${streamArn} could not be loaded`
      await this.#loadPlaces(listing)
      return listing
    }
    try {
      const listing = await untilAbandoned(list(), signal, 0, clock)
      this.#failures.end()
      return listing
    } catch (error) {
      if (signal.aborted) return undefined
      const name = nameOf(error)
      if (name === "ResourceNotFoundException" || name === "ValidationException") throw error
      await this.#failures.add(failed, error, signal)
      return undefined
    }
  }

  async #loadPlaces({ shards }: Listing): Promise<void> {
    const { places, streamArn } = this.#settings
    if (places === undefined) return
    for (const { id } of shards) {
      const place = await places.load(streamArn, id)
      if (place !== undefined) this.#places.set(id, place)
    }
  }

  async #listPages(): Promise<Listing> {
    const { streams, streamArn: StreamArn } = this.#settings
    const shards: ListedShard[] = []
    let ExclusiveStartShardId: string | undefined
    for (;;) {
      const { StreamDescription: page } = await streams.describeStream({
        StreamArn,
        ...(ExclusiveStartShardId !== undefined && { ExclusiveStartShardId }),
      })
      shards.push(...(page?.Shards ?? []).map(listed))
      ExclusiveStartShardId = page?.LastEvaluatedShardId
      if (ExclusiveStartShardId === undefined) return { shards, isDisabled: page?.StreamStatus === "DISABLED" }
    }
  }

  #beginReading({ shards }: Listing): void {
    // Where earlier runs left places, all that came since then is new, also in shards that have none.
    const isFirst = this.#isFirstListing && this.#places.size === 0
    const start = isFirst ? this.#settings.startingPosition : "TRIM_HORIZON"
    this.#isFirstListing = false
    const ids = new Set(shards.map(({ id }) => id))
    this.#read = new Set([...this.#read].filter((id) => ids.has(id)))
    for (const { id, isClosed } of shards) if (start === "LATEST" && isClosed) this.#read.add(id)
    const isDone = (id: string) => this.#read.has(id) || !(ids.has(id) || this.#reading.has(id))
    for (const { id, parentId } of shards) {
      if (this.#read.has(id) || this.#reading.has(id)) continue
      if (parentId === undefined || isDone(parentId)) this.#reading.set(id, this.#readShard(id, start))
    }
  }

  async #readShard(id: string, start: StartingPosition): Promise<void> {
    try {
      const reader = new ShardReader(this.#settings, id, start, this.#places.get(id))
      const isEnd = await reader.run(this.#stop.signal)
      if (isEnd) this.#read.add(id)
    } catch (error) {
      this.#fail(error)
    }
    this.#reading.delete(id)
    this.#pause.abort()
  }

  /** Whether a shard has ended and the ones that go on are not listed yet. */
  #isBehind({ shards, isDisabled }: Listing): boolean {
    const parents = new Set(shards.map(({ parentId }) => parentId))
    return !isDisabled && shards.some(({ id }) => this.#read.has(id) && !parents.has(id))
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#stop.abort(error)
  }
}

function listed({ ShardId, ParentShardId, SequenceNumberRange }: Shard): ListedShard {
  const isClosed = SequenceNumberRange?.EndingSequenceNumber !== undefined
  return { id: ShardId!, parentId: ParentShardId, isClosed }
}
