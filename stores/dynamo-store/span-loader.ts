/*
 * From the spans of one page to its events.
 *
 * IndexOnly takes everything from the index. WithData loads what the page needs of each stream once. The index may be
 * ahead of what an eventually consistent read sees, so what is missing is looked for again with a consistent read; what
 * is missing then is an error. So a page has every event that its spans promise, in the order of the index, or none.
 */
import { follow } from "../../engine/abort.js"
import type { Batch } from "../../engine/batch.js"
import type { PersistentReading, ReadTarget } from "../../engine/source/persistent-reading.js"
import type { StreamName } from "../../engine/stream-name.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import { mapWithLimit } from "./load-limit.js"
import type { LoadMode, ReadEvents } from "./load-mode.js"
import type { ChosenSpan } from "./page-buffer.js"
import { rangesOf, type SpanRange } from "./span-ranges.js"

type Items = Batch["items"]

/** The index promises an event that the stream does not have, not even for a consistent read. */
export class IndexedEventMissingError extends Error {
  override readonly name = "IndexedEventMissingError"
  readonly stream: string
  readonly index: bigint
  constructor(stream: string, index: bigint) {
    super(`the index names event ${index} of stream "${stream}", which a consistent read of the stream does not find`)
    this.stream = stream
    this.index = index
  }
}

export class SpanLoader {
  readonly #mode: LoadMode
  readonly #reading: PersistentReading

  constructor(mode: LoadMode, reading: PersistentReading) {
    this.#mode = mode
    this.#reading = reading
  }

  /**
   * @param target what the events are part of
   * @throws IndexedEventMissingError, and what the last attempt of a read threw
   */
  async load(spans: readonly ChosenSpan[], target: ReadTarget, signal: AbortSignal): Promise<Items> {
    const mode = this.#mode
    if (mode.type === "IndexOnly") return spans.flatMap(withoutData)
    const ranges = rangesOf(spans)
    const loads = await this.#loadAll(ranges, mode, target, signal)
    const byStream = new Map<string, Map<number, ITimelineEvent>>()
    for (const [at, { stream, start }] of ranges.entries()) {
      const events = byStream.get(stream) ?? new Map<number, ITimelineEvent>()
      byStream.set(stream, events)
      loads[at]!.forEach((event, offset) => events.set(start + offset, event))
    }
    return spans.flatMap(({ stream, index, types }) =>
      types.map((_, offset) => [stream as StreamName, byStream.get(stream)!.get(index + offset)!] as const),
    )
  }

  /** The events of each range. When one of them cannot be had, the others are not waited for any longer than they take. */
  async #loadAll(
    ranges: readonly SpanRange[],
    { degreeOfParallelism, read }: Extract<LoadMode, { type: "WithData" }>,
    target: ReadTarget,
    signal: AbortSignal,
  ): Promise<ITimelineEvent[][]> {
    const { controller, release } = follow(signal)
    const load = (range: SpanRange) =>
      this.#reading
        .read({ ...target, what: `stream "${range.stream}"` }, controller.signal, () => readRange(range, read))
        .catch((error: unknown) => {
          controller.abort(error)
          throw error
        })
    try {
      return await mapWithLimit(ranges, degreeOfParallelism, load)
    } finally {
      release()
    }
  }
}

/** As the published source: without an identity and without a size. The time is that of the index entry. */
function withoutData({ stream, index, types, time }: ChosenSpan): Items {
  return types.map((type, offset) => [
    stream as StreamName,
    { id: "", time, type, index: BigInt(index + offset), isUnfold: false, size: 0 },
  ])
}

/** Every event of the range, in order. */
async function readRange(range: SpanRange, read: ReadEvents): Promise<ITimelineEvent[]> {
  const found = await attempt(range, read, false)
  if (found.length === range.end - range.start) return found
  const all = await attempt(range, read, true)
  const next = range.start + all.length
  if (next < range.end) throw new IndexedEventMissingError(range.stream, BigInt(next))
  return all
}

/** The events of the range up to the first that is missing. */
async function attempt({ stream, start, end }: SpanRange, read: ReadEvents, consistent: boolean) {
  const count = end - start
  const events = await read(stream as StreamName, BigInt(start), count, { consistent })
  const isMissing = (event: ITimelineEvent, offset: number) => event.index !== BigInt(start + offset)
  const gap = events.findIndex(isMissing)
  return events.slice(0, gap < 0 ? count : Math.min(gap, count))
}
