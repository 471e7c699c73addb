import type { ITimelineEvent } from "../engine/timeline-event.js"
import type { Codec } from "../stores/dynamo-store/codec.js"

/*
 * The streams that scenarios write on DynamoStore: every event has an id of its own. The fold looks at what it is given:
 * events come in the order of their indexes, each once, whatever was cached, snapshotted or read from a replica.
 */

export type NotedEvent =
  | { readonly type: "Happened"; readonly id: string; readonly index: bigint }
  | { readonly type: "Snapshotted"; readonly ids: readonly string[] }

export interface Noted {
  /** Of the events, by their indexes. */
  readonly ids: readonly string[]
}

export const nothingNoted: Noted = { ids: [] }

/** The store gave what it must not give. */
class StoreDefectError extends Error {
  override readonly name = "StoreDefectError"
}

export const notedEvents: Codec<NotedEvent> = {
  encode: ({ type, ...body }) => ({
    type,
    data: JSON.stringify(body, (key, value: unknown) => (key === "index" ? undefined : value)),
  }),
  decode: ({ type, data = "{}", index }: ITimelineEvent) => {
    if (type !== "Happened" && type !== "Snapshotted") return undefined
    return { type, ...(JSON.parse(data) as object), index } as NotedEvent
  },
}

export function note({ ids }: Noted, events: readonly NotedEvent[]): Noted {
  const all = [...ids]
  for (const event of events) {
    if (event.type === "Snapshotted") all.splice(0, all.length, ...event.ids)
    else if (event.index !== BigInt(all.length))
      throw new StoreDefectError(`event ${event.index} was folded onto a state of ${all.length} events`)
    else all.push(event.id)
  }
  return { ids: all }
}

export const isSnapshot = ({ type }: NotedEvent): boolean => type === "Snapshotted"

export const snapshotOf = ({ ids }: Noted): NotedEvent => ({ type: "Snapshotted", ids })
