/*
 * Reads one shard of a stream from a place to its end, and hands each page to the handler before it reads the next.
 *
 * Invariants: `#handled` is the last record that the handler has accepted; `#iterator`, when there is one, goes on right
 * behind it. So whatever makes the iterator useless, a new one behind `#handled` skips nothing, and what was trimmed in
 * the meantime is known to be lost. A place is stored only when everything up to it is handled; one that could not be
 * stored is stored later, and whoever begins at an older one repeats records and skips none.
 */
import type { _Record, GetRecordsCommandOutput } from "@aws-sdk/client-dynamodb-streams"
import { untilAbandoned } from "../../../engine/abort.js"
import type { Clock } from "../../../engine/clock.js"
import { messageOf } from "../../../engine/error-message.js"
import { FailuresInARow, type FailureLimits } from "./failures-in-a-row.js"
import type { ShardPlaces } from "./shard-places.js"
import type { StreamRecordsHandler } from "./stream-records.js"
import { nameOf, type StreamsClient } from "./streams-client.js"

export interface ShardReading extends FailureLimits {
  readonly streams: StreamsClient
  readonly streamArn: string
  readonly handler: StreamRecordsHandler
  /** Pause after a page without records, in milliseconds. */
  readonly pollIntervalMs: number
  /** Most records of a page. */
  readonly batchSize: number
  /** Where the place is kept beyond the run, if it is. */
  readonly places: ShardPlaces | undefined
  /** Pause between writes of the place, in milliseconds. */
  readonly placeIntervalMs: number
}

/** How long the end of a run waits for the last write of the place, in milliseconds. */
const patienceMs = 5000

/** What `GetShardIterator` calls the places at which a shard can be begun. */
export type StartingPosition = "TRIM_HORIZON" | "LATEST"

export class ShardReader {
  readonly #options: ShardReading
  readonly #clock: Clock
  readonly #shardId: string
  readonly #failures: FailuresInARow
  /** Where to begin while nothing is handled. */
  #start: StartingPosition
  /** The sequence number of the last record that is handled. */
  #handled: string | undefined
  /** What is stored of that. */
  #stored: string | undefined
  /** When the place was written last, or was to be. */
  #storedAt = 0
  #iterator: string | undefined
  /** Nothing was read with the iterator, nor with the ones that led to it. */
  #isNewIterator = false

  /** @param place the sequence number of the record behind which to begin; without one, where `start` says */
  constructor(options: ShardReading, shardId: string, start: StartingPosition, place?: string) {
    this.#options = options
    this.#clock = options.clock
    this.#shardId = shardId
    this.#start = start
    this.#handled = this.#stored = place
    this.#failures = new FailuresInARow(options)
  }

  /** Whether it came to the end of the shard; false if `signal` aborted. @throws what failed too often in a row */
  async run(signal: AbortSignal): Promise<boolean> {
    this.#storedAt = this.#clock.now()
    try {
      return await this.#readToEnd(signal)
    } finally {
      await this.#storePlace(signal)
    }
  }

  async #readToEnd(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      // A client and a handler that never wait for anything outside must not stop timers and signals.
      await this.#clock.turn()
      const page = await this.#page(signal)
      if (page === "end") return true
      if (page === undefined) continue
      const records = page.Records ?? []
      if (records.length > 0 && !(await this.#handle(records, signal))) return false
      this.#iterator = page.NextShardIterator
      if (this.#iterator === undefined) return true
      if (this.#clock.now() - this.#storedAt >= this.#options.placeIntervalMs) await this.#storePlace(signal)
      if (records.length === 0) await this.#clock.sleep(this.#options.pollIntervalMs, signal)
    }
    return false
  }

  /** Does not fail: a place that is not stored is repeated work, and no more. */
  async #storePlace(signal: AbortSignal): Promise<void> {
    const { places, streamArn, warn } = this.#options
    const place = this.#handled
    if (places === undefined || place === undefined || place === this.#stored) return
    this.#storedAt = this.#clock.now()
    try {
      const stored = places.store(streamArn, this.#shardId, place).then(() => true)
      if (await untilAbandoned(stored, signal, patienceMs, this.#clock)) this.#stored = place
    } catch (error) {
      warn(`the place in ${this.#name} could not be stored, and is tried again: ${messageOf(error)}`)
    }
  }

  /** The next page; undefined if there is none yet, because the run ends or the reading has to be tried again. */
  async #page(signal: AbortSignal): Promise<GetRecordsCommandOutput | "end" | undefined> {
    try {
      return await untilAbandoned(this.#read(), signal, 0, this.#clock)
    } catch (error) {
      if (signal.aborted) return undefined
      return await this.#recover(error, signal)
    }
  }

  async #read(): Promise<GetRecordsCommandOutput> {
    const { streams, batchSize } = this.#options
    this.#iterator ??= await this.#newIterator()
    const page = await streams.getRecords({ ShardIterator: this.#iterator, Limit: batchSize })
    this.#isNewIterator = false
    this.#failures.end()
    return page
  }

  async #newIterator(): Promise<string> {
    const { streams, streamArn } = this.#options
    const { ShardIterator } = await streams.getShardIterator({
      StreamArn: streamArn,
      ShardId: this.#shardId,
      ...(this.#handled === undefined
        ? { ShardIteratorType: this.#start }
        : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: this.#handled }),
    })
    if (ShardIterator === undefined) throw new Error("GetShardIterator answered without a ShardIterator")
    // From now on records count: if this iterator is lost before the first of them, the latest place is a later one.
    this.#start = "TRIM_HORIZON"
    this.#isNewIterator = true
    return ShardIterator
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<"end" | undefined> {
    const name = nameOf(error)
    const wasInUse = this.#iterator !== undefined && !this.#isNewIterator
    if (name === "ResourceNotFoundException") {
      this.#options.warn(`${this.#name} is gone: its records after ${this.#place}, if there were any, are lost`)
      return "end"
    }
    if (name === "ExpiredIteratorException" || name === "TrimmedDataAccessException") this.#iterator = undefined
    if (name === "ExpiredIteratorException" && wasInUse) return undefined
    if (name === "TrimmedDataAccessException" && (wasInUse || this.#handled !== undefined)) {
      this.#options.warn(
        `${this.#name} is trimmed beyond ${this.#place}: records after it that were not read yet are lost; ` +
          "it goes on with the oldest record there is",
      )
      this.#handled = undefined
      return undefined
    }
    await this.#failures.add(`${this.#name} could not be read after ${this.#place}`, error, signal)
    return undefined
  }

  /** Whether the handler has accepted the records; false if `signal` aborted before it did. */
  async #handle(records: _Record[], signal: AbortSignal): Promise<boolean> {
    for (;;) {
      try {
        await this.#options.handler({ Records: records })
        break
      } catch (error) {
        if (signal.aborted) return false
        const [first, last] = [sequenceNumber(records.at(0)), sequenceNumber(records.at(-1))]
        await this.#failures.add(`${this.#name}: the handler failed on records ${first} to ${last}`, error, signal)
        if (signal.aborted) return false
      }
    }
    this.#failures.end()
    this.#handled = sequenceNumber(records.at(-1))
    return true
  }

  get #name(): string {
    return `shard ${this.#shardId} of stream ${this.#options.streamArn}`
  }

  get #place(): string {
    return this.#handled === undefined ? "its beginning" : `sequence number ${this.#handled}`
  }
}

function sequenceNumber(record: _Record | undefined): string | undefined {
  return record?.dynamodb?.SequenceNumber
}
