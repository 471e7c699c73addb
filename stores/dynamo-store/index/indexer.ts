/*
 * Writes the index: which events were appended to which streams of an events table, in an order that readers follow.
 *
 * Callers of one partition are served one after another. What comes while a write is under way waits and is then written
 * together, in one event: a busy partition makes few, large writes.
 */
import * as v from "valibot"
import type { Clock } from "../../../engine/clock.js"
import { checkOptions, fn, has, integer, InvalidOptionError, optional } from "../../../engine/options.js"
import type { Random } from "../../../engine/random.js"
import { systemWarn, type Warn } from "../../../engine/warning.js"
import { DynamoStoreContext } from "../dynamo-store-context.js"
import type { AppendSpan } from "./append-span.js"
import { EpochPosition } from "./epoch-position.js"
import { GapFiller } from "./gap-filler.js"
import { type Ingested, PartitionIngester } from "./partition-ingester.js"

export interface DynamoStoreIndexerOptions {
  /** The index table. Nobody else writes to its `$Appends…` streams but indexers. */
  readonly context: DynamoStoreContext
  /**
   * The events table. With it, events whose records were lost or overtaken, or are older than the table's stream, are
   * read (consistently, types only) and indexed before those that follow them. Default: none, see `onGap`.
   */
  readonly eventsContext?: DynamoStoreContext
  /**
   * What to do without `eventsContext` when events are missing before a span: "fail" (the default) refuses that span and
   * rejects with an IndexGapError, after everything else was indexed; "warn" indexes it with a gap, which no published
   * reader gets past.
   */
  readonly onGap?: "fail" | "warn"
  /** A write to an epoch with more bytes than this closes it. Estimated, without what the write adds. Default 1 MiB. */
  readonly maxEpochBytes?: number
  /** A write to an epoch with at least so many events closes it: from 1 to 999998. Default 5000. */
  readonly maxEpochVersion?: number
  /** A write that brings an epoch to at least so many streams closes it: an integer from 1. Default 100000. */
  readonly maxEpochStreams?: number
  /**
   * How many closed epochs are searched for a stream: an integer from 0, or Infinity. Default 2. What is delivered
   * again is recognised, and a gap is, as far back as this; a span of a stream that was last indexed earlier is
   * taken as it comes. With 0 nothing but the open epoch is known, as in the published indexer. Half a million streams
   * are kept in memory at most; what is beyond is read again for every call.
   */
  readonly lookBackEpochs?: number
  /** For the pauses after conflicts. Default: that of `context`. */
  readonly clock?: Clock
  readonly random?: Random
  /** Told of gaps that are indexed, and of events that are gone. Default: Node's warnings. */
  readonly warn?: Warn
}

export interface IngestResult {
  /** Streams of the call of which something new was indexed. */
  readonly accepted: readonly string[]
  /** Position in the index behind everything of the call. */
  readonly position: bigint
}

const entries = {
  context: v.custom<DynamoStoreContext>((x) => x instanceof DynamoStoreContext, "a DynamoStoreContext"),
  eventsContext: optional(
    v.custom<DynamoStoreContext>((x) => x instanceof DynamoStoreContext, "a DynamoStoreContext, of the events table"),
  ),
  onGap: optional(v.picklist(["fail", "warn"], `"fail" or "warn"`)),
  maxEpochBytes: optional(integer(1)),
  maxEpochVersion: optional(
    v.custom<number>(
      (x) => Number.isSafeInteger(x) && (x as number) >= 1 && (x as number) <= Number(EpochPosition.eventsPerEpoch) - 2,
      `an integer from 1 to ${EpochPosition.eventsPerEpoch - 2n}: an epoch has ${EpochPosition.eventsPerEpoch} offsets`,
    ),
  ),
  maxEpochStreams: optional(integer(1)),
  lookBackEpochs: optional(
    v.custom<number>(
      (x) => x === Infinity || (Number.isSafeInteger(x) && (x as number) >= 0),
      "an integer of at least 0, or Infinity",
    ),
  ),
  clock: optional(has("now", "sleep")),
  random: optional(has("next", "uuid")),
  warn: optional(fn),
}

interface Call {
  readonly spans: readonly AppendSpan[]
  readonly resolve: (result: IngestResult) => void
  readonly reject: (reason: unknown) => void
}

export class DynamoStoreIndexer {
  readonly #options: DynamoStoreIndexerOptions
  readonly #partitions = new Map<string, PartitionQueue>()

  /** @throws InvalidOptionError */
  constructor(options: DynamoStoreIndexerOptions) {
    checkOptions("DynamoStoreIndexer", entries, options)
    this.#options = options
  }

  /**
   * Indexes what is not indexed yet of the spans. They may be repeated and in any order, in one call and across calls;
   * streams that start with `$` are left out. After a rejection, whatever it is, the same spans can be given again.
   * @param partition decimal text; `"0"` in practice
   * @throws InvalidOptionError, IndexGapError, IndexFormatError, MaxResyncsExhaustedError, and what the table throws
   */
  async ingest(partition: string, spans: readonly AppendSpan[]): Promise<IngestResult> {
    if (!/^(0|[1-9][0-9]*)$/.test(partition))
      throw new InvalidOptionError("DynamoStoreIndexer.ingest", "partition", partition, `decimal text, as "0"`)
    const own = spans.filter(({ stream }) => !stream.startsWith("$"))
    for (const span of own) check(span)
    return await this.#queue(partition).ingest(own)
  }

  #queue(partition: string): PartitionQueue {
    const queue = this.#partitions.get(partition) ?? new PartitionQueue(ingesterOf(partition, this.#options))
    this.#partitions.set(partition, queue)
    return queue
  }
}

function check({ stream, index, types }: AppendSpan): void {
  const where = "DynamoStoreIndexer.ingest"
  if (stream === "") throw new InvalidOptionError(where, "stream", stream, "the name of a stream")
  if (!Number.isSafeInteger(index) || index < 0)
    throw new InvalidOptionError(where, "index", index, "an integer of at least 0")
  if (!types.every((type) => typeof type === "string"))
    throw new InvalidOptionError(where, "types", types, "an array of texts")
}

function ingesterOf(partition: string, options: DynamoStoreIndexerOptions): PartitionIngester {
  const { context, eventsContext, onGap = "fail", lookBackEpochs = 2, warn = systemWarn } = options
  const { maxEpochBytes = 1024 * 1024, maxEpochVersion = 5000, maxEpochStreams = 100_000 } = options
  return new PartitionIngester({
    context,
    partition,
    limits: { maxBytes: maxEpochBytes, maxVersion: maxEpochVersion, maxStreams: maxEpochStreams },
    lookBackEpochs,
    gaps: eventsContext === undefined ? onGap : new GapFiller(eventsContext),
    clock: options.clock ?? context.clock,
    random: options.random ?? context.random,
    warn,
  })
}

class PartitionQueue {
  readonly #ingester: PartitionIngester
  #waiting: Call[] = []
  #isBusy = false

  constructor(ingester: PartitionIngester) {
    this.#ingester = ingester
  }

  ingest(spans: readonly AppendSpan[]): Promise<IngestResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ spans, resolve, reject })
      if (!this.#isBusy) void this.#drain()
    })
  }

  async #drain(): Promise<void> {
    this.#isBusy = true
    while (this.#waiting.length > 0) {
      const calls = this.#waiting
      this.#waiting = []
      await this.#serve(calls)
    }
    this.#isBusy = false
  }

  async #serve(calls: readonly Call[]): Promise<void> {
    try {
      const ingested = await this.#ingester.ingest(calls.flatMap(({ spans }) => spans))
      for (const call of calls) answer(call, ingested)
    } catch (error) {
      for (const { reject } of calls) reject(error)
    }
  }
}

/** A gap is the failure of those who have that stream, not of others who were written with them. */
function answer({ spans, resolve, reject }: Call, { accepted, refused, position }: Ingested): void {
  const streams = new Set(spans.map(({ stream }) => stream))
  for (const stream of streams) if (refused.has(stream)) return reject(refused.get(stream))
  resolve({ accepted: [...streams].filter((stream) => accepted.has(stream)), position })
}
