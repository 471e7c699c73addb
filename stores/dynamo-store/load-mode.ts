import { checkOptions, fn, integer, InvalidOptionError } from "../../engine/options.js"
import type { StreamName } from "../../engine/stream-name.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import { DynamoStoreContext } from "./dynamo-store-context.js"
import { EventsContext } from "./events-context.js"

/**
 * Reads events of one stream: from `index` on, at most `count` of them, in order. Fewer mean that the rest was not
 * found; with `consistent`, that the stream does not have it.
 */
export type ReadEvents = (
  stream: StreamName,
  index: bigint,
  count: number,
  options: { readonly consistent: boolean },
) => Promise<readonly ITimelineEvent[]>

/** What a source knows of the events that it hands on. */
export type LoadMode =
  | { readonly type: "IndexOnly" }
  | { readonly type: "WithData"; readonly degreeOfParallelism: number; readonly read: ReadEvents }

const degreeOfParallelism = integer(1)

export const LoadMode = {
  /**
   * Type, stream, index, and the time at which the event was indexed: what the index holds. No body is read, and the
   * events' `id` is empty and their `size` 0.
   */
  IndexOnly: (): LoadMode => ({ type: "IndexOnly" }),

  /**
   * Whole events. Each stream of a page is read once for what the page needs of it.
   * @param degreeOfParallelism most reads at once, per partition: an integer from 1
   * @param events the table that holds the events
   * @throws InvalidOptionError
   */
  WithData(degreeOfParallelism: number, events: DynamoStoreContext | EventsContext): LoadMode {
    const context = events instanceof DynamoStoreContext ? new EventsContext(events) : events
    if (!(context instanceof EventsContext))
      throw new InvalidOptionError("LoadMode.WithData", "events", events, "a DynamoStoreContext or an EventsContext")
    return withData("LoadMode.WithData", degreeOfParallelism, (stream, index, count, { consistent }) =>
      context.read(stream, index, { count, consistent }),
    )
  },

  /**
   * Whole events, read by a function of the caller's.
   * @param read is asked again, with `consistent` true, when it does not find what the index names
   * @throws InvalidOptionError
   */
  WithDataEx: (degreeOfParallelism: number, read: ReadEvents): LoadMode =>
    withData("LoadMode.WithDataEx", degreeOfParallelism, read),
}

function withData(where: string, parallelism: number, read: ReadEvents): LoadMode {
  checkOptions(where, { degreeOfParallelism, read: fn }, { degreeOfParallelism: parallelism, read })
  return { type: "WithData", degreeOfParallelism: parallelism, read }
}
