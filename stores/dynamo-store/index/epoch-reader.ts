/*
 * Reading the index.
 *
 * The Tip of an epoch's stream is asked for first: it says whether the epoch is closed, where it ends, and where the
 * calves end that are read before it. So a reader that begins behind `Closed` sees that it has to move on, and a reader
 * that keeps up reads one item. What is yielded is contiguous from the offset on; calves that a lagging replica does not
 * have yet are read consistently.
 */
import type { ITimelineEvent } from "../../../engine/timeline-event.js"
import type { DynamoStoreContext } from "../dynamo-store-context.js"
import { EventsContext } from "../events-context.js"
import { MissingEventsError } from "../missing-events-error.js"
import type { Position } from "../position.js"
import { toTimelineEvent } from "../stored-event.js"
import type { AppendSpan } from "./append-span.js"
import { closedType, decodeEpochEvent, epochStream } from "./appends-epoch.js"
import { EpochPosition } from "./epoch-position.js"
import { IndexStream } from "./index-stream.js"

/** What one write of the indexer added to an epoch. */
export interface IndexEntry {
  /** Offset in the epoch. */
  readonly index: number
  /** When the indexer wrote it. */
  readonly time: Date
  /** As they were written: first those of streams that were new to the epoch. */
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
  /** How many events the epoch's stream had when the read began, `Closed` among them. */
  readonly version: number
}

export interface EpochReadOptions {
  /** Whether to see everything that was written before the read began. Default: false, which costs half as much. */
  readonly consistent?: boolean
}

/**
 * Reads an epoch from an offset to what is its end now, one answer of the table in memory at a time. The last page has
 * `isEnd`; leave the loop to stop earlier. An epoch that does not exist is empty and open. An offset behind the end gives
 * that offset as `next`, so a position does not go back on a stale replica.
 * @throws IndexFormatError for an event that is none of the index, MissingEventsError for an epoch with a hole
 */
export async function* walkEpoch(
  context: DynamoStoreContext,
  partition: string,
  epoch: number,
  minIndex: number,
  { consistent = false }: EpochReadOptions = {},
): AsyncGenerator<EpochPage, void, undefined> {
  const events = new EventsContext(context)
  const stream = epochStream(partition, epoch)
  const tip = await events.position(stream, { consistent })
  if (tip === undefined) return yield { entries: [], next: minIndex, isEnd: true, isClosed: false, version: 0 }
  const isClosed = await endsClosed(events, stream, tip)
  const version = Number(tip.index)
  const base = version - tip.events.length
  for await (const calved of walkCalves(context, stream, minIndex, base, consistent))
    yield {
      entries: entriesOf(stream, calved),
      next: Number(calved.at(-1)!.index) + 1,
      isEnd: false,
      isClosed,
      version,
    }
  const entries = entriesOf(stream, eventsFrom(stream, tip, minIndex))
  yield { entries, next: Math.max(version, minIndex), isEnd: true, isClosed, version }
}

/**
 * As {@link walkEpoch}, in one piece, with at most `maxEntries` entries: an integer from 1. Default: all there are.
 * `isEnd` says whether it came to the end.
 */
export async function readEpoch(
  context: DynamoStoreContext,
  partition: string,
  epoch: number,
  minIndex: number,
  options: EpochReadOptions & { readonly maxEntries?: number } = {},
): Promise<EpochPage> {
  const { maxEntries = Infinity } = options
  const entries: IndexEntry[] = []
  for await (const page of walkEpoch(context, partition, epoch, minIndex, options)) {
    const room = maxEntries - entries.length
    entries.push(...page.entries.slice(0, room))
    if (page.entries.length > room) return { ...page, entries, next: entries.at(-1)!.index + 1, isEnd: false }
    if (page.isEnd || page.entries.length === room) return { ...page, entries }
  }
  throw new Error("the last page of an epoch has isEnd")
}

/** The partitions of the index, smallest first. An index without a record of any has the partition `"0"`. */
export async function readPartitions(context: DynamoStoreContext): Promise<readonly string[]> {
  const { active } = await new IndexStream(context).read()
  return active.size === 0 ? ["0"] : [...active.keys()].sort((a, b) => Number(a) - Number(b))
}

/**
 * Where a reader starts that wants only what is indexed from now on: behind the last entry of the newest epoch. Follows
 * closed epochs as far as they go, whatever `$AppendsIndex-0` says, and never answers a place behind `Closed`.
 */
export async function readTailPosition(context: DynamoStoreContext, partition: string): Promise<bigint> {
  const events = new EventsContext(context)
  const { active } = await new IndexStream(context).read()
  for (let epoch = active.get(partition) ?? 0; ; epoch++) {
    const stream = epochStream(partition, epoch)
    const tip = await events.position(stream, { consistent: true })
    if (tip === undefined) return EpochPosition.of(epoch, 0)
    if (!(await endsClosed(events, stream, tip))) return EpochPosition.of(epoch, Number(tip.index))
  }
}

/** The events of a Tip from an offset on. */
export function eventsFrom(stream: string, tip: Position, minIndex: number): ITimelineEvent[] {
  return tip.events.filter(({ index }) => index >= minIndex).map((event) => toTimelineEvent(stream, event))
}

/** `Closed` is the last event of its stream; where the Tip holds none, it may be in a calf. */
async function endsClosed(events: EventsContext, stream: string, tip: Position): Promise<boolean> {
  const last = tip.events.at(-1)
  if (last !== undefined || tip.index === 0n) return last?.type === closedType
  const [calved] = await events.read(stream, tip.index - 1n, { before: tip.index, consistent: true })
  return calved?.type === closedType
}

/** The events from an offset up to where the Tip begins, in arrays as they come. */
export async function* walkCalves(
  context: DynamoStoreContext,
  stream: string,
  minIndex: number,
  base: number,
  consistent: boolean,
): AsyncGenerator<ITimelineEvent[], void, undefined> {
  let next = minIndex
  if (next >= base) return
  const options = { before: BigInt(base), consistent }
  for await (const page of new EventsContext(context).walk(stream, BigInt(next), options)) {
    if (page.length > 0) next = Number(page.at(-1)!.index) + 1
    if (page.length > 0) yield page
  }
  if (next >= base || context.query.ignoreMissing) return
  if (consistent) throw new MissingEventsError(stream, BigInt(next), BigInt(base))
  yield* walkCalves(context, stream, next, base, true)
}

function entriesOf(stream: string, events: readonly ITimelineEvent[]): IndexEntry[] {
  return events.flatMap((event) => {
    const decoded = decodeEpochEvent(stream, event)
    if (decoded?.type !== "Ingested") return []
    return [{ index: Number(event.index), time: event.time, spans: [...decoded.add, ...decoded.app] }]
  })
}
