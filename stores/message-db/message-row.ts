import type { ITimelineEvent } from "../../engine/timeline-event.js"
import type { StreamName } from "../../engine/stream-name.js"
import type { PgQuery } from "./pg.js"

/** What is read of a message, in the order in which {@link MessageRow} has it. */
export const messageColumns = "position, type, data, metadata, id, time, stream_name, global_position"

/** A message as the store prints it: every column as text. */
export type MessageRow = readonly [
  position: string,
  type: string,
  data: string | null,
  metadata: string | null,
  id: string,
  time: string,
  streamName: string,
  globalPosition: string,
]

/**
 * Rows as arrays and values as text: the driver neither builds an object per row nor parses dates, and in particular
 * does not read `time`, which is UTC without saying so, as the process's local time.
 */
export const rowsOfText = {
  rowMode: "array",
  types: { getTypeParser: () => (text: string) => text },
} as const satisfies Partial<PgQuery>

export function toEvent([position, type, data, metadata, id, time]: MessageRow): ITimelineEvent {
  const event: ITimelineEvent = { id, time: utc(time), type, index: BigInt(position), isUnfold: false, size: -1 }
  if (data !== null) event.data = data
  if (metadata !== null) event.meta = metadata
  return event
}

/** The stream's name as it is stored: Message DB takes names without category or id too. */
export function streamOf(row: MessageRow): StreamName {
  return row[6] as StreamName
}

export function globalPositionOf(row: MessageRow): bigint {
  return BigInt(row[7])
}

/** `2026-01-31 12:34:56.789012`, the fraction with up to six digits or none. */
function utc(text: string): Date {
  const fraction = text.length > 20 ? Number(`0${text.slice(19)}`) : 0
  const milliseconds = Date.UTC(
    Number(text.slice(0, 4)),
    Number(text.slice(5, 7)) - 1,
    Number(text.slice(8, 10)),
    Number(text.slice(11, 13)),
    Number(text.slice(14, 16)),
    Number(text.slice(17, 19)),
  )
  return new Date(milliseconds + Math.floor(fraction * 1000))
}
