/*
 * Feeds a sink from an index: one tranche per partition.
 *
 * All partitions share the sink and end together: the first failure of any of them is the outcome. Which partitions
 * there are is asked again from time to time, and a new one joins the others.
 */
import * as v from "valibot"
import { follow, untilAbandoned } from "../../engine/abort.js"
import type { Sink } from "../../engine/batch.js"
import type { ICheckpoints } from "../../engine/checkpoints.js"
import type { Clock } from "../../engine/clock.js"
import { checkOptions, flag, integer, milliseconds, optional } from "../../engine/options.js"
import type { PersistentReading } from "../../engine/source/persistent-reading.js"
import type { ReadFailureOptions } from "../../engine/source/read-failure.js"
import { acceptedOfEverySource, TailingFeedSource } from "../../engine/source/tailing-feed-source.js"
import type { Stats } from "../../engine/stats.js"
import type { Warn } from "../../engine/warning.js"
import { checkGroupName, DynamoCheckpoints } from "./checkpoints.js"
import { DynamoStoreContext } from "./dynamo-store-context.js"
import { dynamoStoreFailureClass } from "./failure-class.js"
import { readPartitions } from "./index/epoch-reader.js"
import type { LoadMode } from "./load-mode.js"
import { PartitionCrawl } from "./partition-crawl.js"
import { SpanLoader } from "./span-loader.js"
import { chosenBy, type StreamChoice } from "./stream-choice.js"

/** At least one of `categories` and `streamFilter` is given. */
export interface DynamoStoreSourceOptions extends StreamChoice, ReadFailureOptions {
  /** The table of the index. */
  readonly context: DynamoStoreContext
  /** Whether events come with their bodies. */
  readonly mode: LoadMode
  /**
   * Most events of a page: an integer from 1, default 100. What the indexer wrote at once is never divided, since
   * positions lie between its writes; so one write with more events makes a page of its own.
   */
  readonly batchSizeCutoff?: number
  /** Name under which checkpoints are kept. With `DynamoCheckpoints` it holds no `_`. */
  readonly groupName: string
  readonly checkpoints: ICheckpoints
  readonly sink: Sink
  /** Pause after a page that reached the tail, in milliseconds. */
  readonly tailSleepIntervalMs: number
  /** Pause between checkpoint writes, in milliseconds. Default 5000. */
  readonly checkpointIntervalMs?: number
  /** As {@link readBackOffMs}, by the name that the published source has for it. */
  readonly readFailureSleepIntervalMs?: number
  /**
   * Where a group without checkpoint begins: behind what is indexed already, or (the default) at the index's start. A
   * partition that comes while the source runs is read from its start.
   */
  readonly startFromTail?: boolean
  /**
   * Accepted so that programs for the published source run as they are, and without effect: how many pages are read
   * ahead is the sink's `maxReadAhead`. An integer from 1.
   */
  readonly maxReadAhead?: number
  /** How often to emit the metrics span, in milliseconds. Default: never. */
  readonly statsIntervalMs?: number
  /** How many checkpoint writes in a row may fail before the run does: an integer from 1, the default. */
  readonly maxCheckpointFailures?: number
  /** How long a stop waits for a read in progress, in milliseconds. Default 5000. */
  readonly drainTimeoutMs?: number
  /** Default: the context's. */
  readonly clock?: Clock
  /** Takes what should be known and does not end the run. Default: the context's. */
  readonly warn?: Warn
}

const where = "DynamoStoreSource.create"

const accepted = {
  context: v.custom<DynamoStoreContext>((x) => x instanceof DynamoStoreContext, "a DynamoStoreContext"),
  mode: v.custom<LoadMode>(
    (x) => typeof x === "object" && x !== null && "type" in x && (x.type === "IndexOnly" || x.type === "WithData"),
    "LoadMode.IndexOnly(), LoadMode.WithData(…) or LoadMode.WithDataEx(…)",
  ),
  batchSizeCutoff: optional(integer(1)),
  ...acceptedOfEverySource,
  checkpointIntervalMs: optional(milliseconds),
  readFailureSleepIntervalMs: optional(milliseconds),
  startFromTail: optional(flag),
  maxReadAhead: optional(integer(1)),
}

/** How long a partition that comes later may go unnoticed. */
const partitionsIntervalMs = 60_000

export class DynamoStoreSource {
  /** @throws InvalidOptionError for the first option that is out of range. */
  static create(options: DynamoStoreSourceOptions): DynamoStoreSource {
    checkOptions(where, accepted, options)
    if (options.checkpoints instanceof DynamoCheckpoints) checkGroupName(where, options.groupName)
    return new DynamoStoreSource(options, chosenBy(where, options))
  }

  /** What is read and handled, by partition. */
  readonly stats: Stats
  readonly #context: DynamoStoreContext
  readonly #clock: Clock
  readonly #reading: PersistentReading
  readonly #drainTimeoutMs: number
  readonly #newCrawl: (partition: string, signal: AbortSignal) => PartitionCrawl
  /** The latest crawl of each partition. */
  readonly #crawls = new Map<string, PartitionCrawl>()
  /** Partitions that came while the source ran: everything in them is newer than its start. */
  readonly #late = new Set<string>()
  readonly #source: TailingFeedSource

  private constructor(options: DynamoStoreSourceOptions, chosen: (stream: string) => boolean) {
    const { context, mode, sink, groupName, batchSizeCutoff = 100, checkpointIntervalMs = 5000 } = options
    const { clock = context.clock, warn = context.warn, random = context.random } = options
    const readBackOffMs = options.readBackOffMs ?? options.readFailureSleepIntervalMs
    this.#context = context
    this.#clock = clock
    this.#drainTimeoutMs = options.drainTimeoutMs ?? 5000
    this.#source = new TailingFeedSource({
      ...options,
      ...(readBackOffMs !== undefined && { readBackOffMs }),
      clock,
      random,
      warn,
      checkpointIntervalMs,
      classify: dynamoStoreFailureClass,
      crawl: (partition, position, signal) => this.#crawls.get(partition)!.crawl(position, signal),
      ...(options.startFromTail === true && {
        establishOrigin: async (partition) =>
          this.#late.has(partition) ? 0n : await this.#crawls.get(partition)!.readTail(),
      }),
    })
    // A page takes many reads: each is repeated by itself, so that those that went well are not done again.
    const reading = (this.#reading = this.#source.reading)
    const loader = new SpanLoader(mode, reading)
    this.#newCrawl = (partition, signal) =>
      new PartitionCrawl({ context, partition, groupName, chosen, batchSizeCutoff, loader, reading, warn, signal })
    sink.addTracingAttrs({
      "eqx.source": "DynamoStore",
      "eqx.consumer_group": groupName,
      "eqx.load.batch_size": batchSizeCutoff,
    })
    this.stats = this.#source.stats
  }

  /**
   * Runs every partition until `signal` aborts (resolves) or something fails (rejects with the first failure, after all
   * of them have stopped). The checkpoint of what was handled is stored before it settles.
   */
  async start(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { controller, release } = follow(signal)
    const runs: Promise<void>[] = []
    let failure: { readonly error: unknown } | undefined
    const failed = (error: unknown) => {
      // What ended because the run was stopped is no failure; the last write of a checkpoint may be one.
      if (error !== controller.signal.reason) failure ??= { error }
      controller.abort(error)
    }
    const begin = (partitions: readonly string[]) => {
      runs.push(this.#source.start(partitions, controller.signal).catch(failed))
    }
    await this.#watchPartitions(begin, controller.signal).catch(failed)
    await Promise.all(runs)
    release()
    if (failure !== undefined) throw failure.error
  }

  /** Begins what is new, until the signal aborts. */
  async #watchPartitions(begin: (partitions: readonly string[]) => void, signal: AbortSignal): Promise<void> {
    const known = new Set<string>()
    while (!signal.aborted) {
      const partitions = await this.#readPartitions(signal)
      if (partitions === undefined) return
      const fresh = partitions.filter((partition) => !known.has(partition))
      if (known.size > 0) for (const partition of fresh) this.#late.add(partition)
      for (const partition of fresh) this.#crawls.set(partition, this.#newCrawl(partition, signal))
      for (const partition of fresh) known.add(partition)
      if (fresh.length > 0) begin(fresh)
      await this.#clock.sleep(partitionsIntervalMs, signal)
    }
  }

  /** Undefined when the signal aborts and there is no answer for as long as a stop may take. */
  #readPartitions(signal: AbortSignal): Promise<readonly string[] | undefined> {
    const list = this.#reading.read({ what: "the list of partitions" }, signal, () => readPartitions(this.#context))
    return untilAbandoned(list, signal, this.#drainTimeoutMs, this.#clock)
  }
}
