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

/**
 * `2026-01-31 12:34:56.789012`, the fraction with up to six digits or none. Digit by digit, since it is done for every
 * event: a third of the time that it takes by substrings.
 */
function utc(text: string): Date {
  const milliseconds = Date.UTC(
    100 * twoDigits(text, 0) + twoDigits(text, 2),
    twoDigits(text, 5) - 1,
    twoDigits(text, 8),
    twoDigits(text, 11),
    twoDigits(text, 14),
    twoDigits(text, 17),
    100 * fractionDigit(text, 20) + 10 * fractionDigit(text, 21) + fractionDigit(text, 22),
  )
  return new Date(milliseconds)
}

const zero = 48

function twoDigits(text: string, at: number): number {
  return 10 * (text.charCodeAt(at) - zero) + text.charCodeAt(at + 1) - zero
}

function fractionDigit(text: string, at: number): number {
  return at < text.length ? text.charCodeAt(at) - zero : 0
}
