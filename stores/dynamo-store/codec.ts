import type { ITimelineEvent } from "../../engine/timeline-event.js"
import type { NewEvent } from "./new-event.js"

/** Between a category's own events and what is stored. */
export interface Codec<Event> {
  encode(event: Event): NewEvent
  /** Undefined: not an event of this category, e.g. one of a newer version; it is skipped. */
  decode(event: ITimelineEvent): Event | undefined
}

/** What `jsonCodec` can carry: a type, and a body and metadata that JSON can. */
export interface JsonEvent {
  readonly type: string
  readonly data?: unknown
  readonly meta?: unknown
}

/**
 * Bodies as JSON. Falsy data (`0`, `""`, `false`, `null`) is kept; only `undefined` gives an event without a body. The
 * published `Codec.json` drops all of them.
 */
export function jsonCodec<Event extends JsonEvent>(
  options: {
    /** Events of other types are skipped. Default: every event is decoded. */
    readonly types?: readonly Event["type"][]
  } = {},
): Codec<Event> {
  const known = options.types === undefined ? undefined : new Set<string>(options.types)
  return {
    encode: ({ type, data, meta }) => ({
      type,
      ...(data !== undefined && { data: JSON.stringify(data) }),
      ...(meta !== undefined && { meta: JSON.stringify(meta) }),
    }),
    decode: ({ type, data, meta }) => {
      if (known?.has(type) === false) return undefined
      const event: JsonEvent = {
        type,
        ...(data !== undefined && { data: JSON.parse(data) as unknown }),
        ...(meta !== undefined && { meta: JSON.parse(meta) as unknown }),
      }
      return event as Event
    },
  }
}
