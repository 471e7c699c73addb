/*
 * Streams as they are stored: events by their indexes, no state.
 *
 * Differences to the published package: the upper bound is exclusive and does not hide the Tip, `count` counts, a hole in
 * a stream is an error in `walk` too, limits of the context hold for every read, and bodies are answered as text.
 */
import { checkOptions, flag, integer, InvalidOptionError, optional, text } from "../../engine/options.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import * as v from "valibot"
import { DynamoStoreContext } from "./dynamo-store-context.js"
import { readTip } from "./items.js"
import type { NewEvent, NewUnfold } from "./new-event.js"
import { positionOf, type Position } from "./position.js"
import { toTimelineEvent, type StoredEvent } from "./stored-event.js"
import { StreamEvents } from "./stream-events.js"
import { sync } from "./sync.js"

/** Which events of a stream, and in which order. */
export interface ReadOptions {
  /** Up to this index, exclusive. Default: the stream's end. */
  readonly before?: bigint
  /** At most so many events. Default: all. */
  readonly count?: number
  /** Default "forward". */
  readonly direction?: "forward" | "backward"
  /** Whether everything that was acknowledged before the call is seen. Default false: a replica may lag behind. */
  readonly consistent?: boolean
}

export type AppendOutcome =
  /** `position` is the one to continue from. */
  | { readonly type: "written"; readonly position: Position }
  /** Nothing was written; `position` is where the stream is now, by a consistent read. */
  | { readonly type: "conflict"; readonly position: Position | undefined }

const index = v.custom<bigint>((x) => typeof x === "bigint" && x >= 0n, "a bigint of at least 0")
const readEntries = {
  stream: text,
  from: index,
  before: optional(index),
  count: optional(integer(0)),
  direction: optional(v.picklist(["forward", "backward"], `"forward" or "backward"`)),
  consistent: optional(flag),
}

export class EventsContext {
  readonly #context: DynamoStoreContext

  /** @throws InvalidOptionError */
  constructor(context: DynamoStoreContext) {
    const entry = v.custom<DynamoStoreContext>((x) => x instanceof DynamoStoreContext, "a DynamoStoreContext")
    checkOptions("EventsContext", { context: entry }, { context })
    this.#context = context
  }

  /**
   * The events from `from` (inclusive) on; none beyond the end and for a missing stream.
   * @throws InvalidOptionError, MissingEventsError, TooManyRequestsError, UnreadableItemError, and what the client throws.
   */
  async read(stream: string, from = 0n, options: ReadOptions = {}): Promise<ITimelineEvent[]> {
    const events: ITimelineEvent[] = []
    for await (const some of this.walk(stream, from, options)) events.push(...some)
    return events
  }

  /** As `read`, in arrays as they come from the table, none of them empty. Nothing is read ahead. */
  async *walk(stream: string, from = 0n, options: ReadOptions = {}): AsyncGenerator<ITimelineEvent[]> {
    checkOptions("EventsContext.read", readEntries, { ...options, stream, from })
    let left = options.count ?? Infinity
    if (left === 0) return
    for await (const page of this.#events(stream, from, options)) {
      const events = page.slice(0, left).map((event) => toTimelineEvent(stream, event))
      left -= events.length
      if (events.length > 0) yield events
      if (left === 0) return
    }
  }

  /** Where the stream is, for `sync`; undefined when there is none. */
  async position(stream: string, options: { readonly consistent?: boolean } = {}): Promise<Position | undefined> {
    const tip = await readTip(this.#context, stream, options.consistent ?? false)
    return tip && positionOf(tip)
  }

  /**
   * Appends, if the stream is where `expected` says; undefined: if there is none. Without `unfolds` those in the Tip are
   * kept; with, all of them are replaced.
   * @throws InvalidOptionError, AppendTooLargeError, CalfExistsError, and what the client throws; then the events may
   * have been written only if the error leaves that open and no consistent read could decide it.
   */
  async sync(
    stream: string,
    expected: Position | undefined,
    events: readonly NewEvent[],
    unfolds?: readonly NewUnfold[],
  ): Promise<AppendOutcome> {
    checkOptions("EventsContext.sync", { stream: text }, { stream })
    if (events.length === 0 && (unfolds ?? []).length === 0)
      throw new InvalidOptionError(
        "EventsContext.sync",
        "events",
        events,
        "at least one event, or with at least one unfold",
      )
    const result = await sync(this.#context, stream, expected, { events, unfolds })
    if (result.type === "written") return result
    return { type: "conflict", position: result.tip && positionOf(result.tip) }
  }

  async *#events(stream: string, from: bigint, options: ReadOptions): AsyncGenerator<StoredEvent[]> {
    const { before, count, direction = "forward", consistent = false } = options
    if (before !== undefined && before <= from) return
    const events = new StreamEvents(this.#context, stream, consistent)
    if (direction === "forward") yield* events.forward(from, before, count)
    else yield* events.backwardFromTip(from, before, count)
  }
}
