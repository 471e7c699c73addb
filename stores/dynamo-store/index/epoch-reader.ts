import type { DynamoStoreContext } from "../dynamo-store-context.js"
import type { AppendSpan } from "./append-span.js"

/** What one write of the indexer added to an epoch. */
export interface IndexEntry {
  /** Offset in the epoch. */
  readonly index: number
  /** When the indexer wrote it. */
  readonly time: Date
  /** At most a few hundred KB of them; those of one stream follow one another. */
  readonly spans: readonly AppendSpan[]
}

/** Some entries of an epoch that follow one another. */
export interface EpochPage {
  readonly entries: readonly IndexEntry[]
  /** Where to go on in this epoch. Never less than where the read began. */
  readonly next: number
  /** Whether nothing follows for now. */
  readonly isEnd: boolean
  /** Whether the epoch is closed: after its end, the next epoch goes on. */
  readonly isClosed: boolean
}

export interface EpochReadOptions {
  /** Whether to see everything that was written before the read began. Default: false, which costs half as much. */
  readonly consistent?: boolean
}

/**
 * Reads an epoch from an offset to what is its end now, one item of the table in memory at a time. Ends with a page with
 * `isEnd`; leave the loop to stop earlier. An epoch that does not exist is empty and open. An offset behind the end gives
 * that offset as `next`, so a position does not go back on a stale replica.
 * @throws IndexFormatError, IndexIncompleteError
 */
export function walkEpoch(
  context: DynamoStoreContext,
  partition: string,
  epoch: number,
  minIndex: number,
  options: EpochReadOptions = {},
): AsyncGenerator<EpochPage, void, undefined> {
  throw new Error("soon")
}

/** As {@link walkEpoch}, in one piece, with at most about `maxEntries` entries. Default: all. */
export function readEpoch(
  context: DynamoStoreContext,
  partition: string,
  epoch: number,
  minIndex: number,
  options: EpochReadOptions & { readonly maxEntries?: number } = {},
): Promise<EpochPage & { readonly version: number }> {
  throw new Error("soon")
}

/** The partitions of the index, smallest first. An index without a record of any has the partition `"0"`. */
export function readPartitions(context: DynamoStoreContext): Promise<readonly string[]> {
  throw new Error("soon")
}

/**
 * Where a reader starts that wants only what is indexed from now on: behind the last entry of the newest open epoch.
 * Follows closed epochs as far as they go, whatever `$AppendsIndex-0` says.
 */
export function readTailPosition(context: DynamoStoreContext, partition: string): Promise<bigint> {
  throw new Error("soon")
}
