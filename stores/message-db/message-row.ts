import type { ITimelineEvent } from "../../engine/timeline-event.js"
import type { StreamName } from "../../engine/stream-name.js"
import type { PgQuery } from "./pg.js"

/*
 * Rows as events.
 *
 * No event and no item of a page is written as a literal. When most of what a literal made has survived a scavenge, as a
 * page does that is just being made, V8 may go on to make all of it in the old space ("allocation site pretenuring").
 * There each keeps what it refers to until the next major collection, so that every event that is read outlives its
 * handling. What a constructor makes, or a copy of an array, is young in any case.
 */

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

/** A plain object, though a constructor makes it. */
const Event = function (this: ITimelineEvent, [position, type, data, metadata, id, time]: MessageRow) {
  this.id = id
  this.time = utc(time)
  this.type = type
  this.index = BigInt(position)
  this.isUnfold = false
  this.size = -1
  if (data !== null) this.data = data
  if (metadata !== null) this.meta = metadata
} as unknown as { new (row: MessageRow): ITimelineEvent; prototype: object }

Event.prototype = Object.prototype

export function toEvent(row: MessageRow): ITimelineEvent {
  return new Event(row)
}

const blankItem: readonly [string, object] = ["", {}]

/** An item of a page. The stream's name is as it is stored: Message DB takes names without category or id too. */
export function toItem(row: MessageRow): readonly [StreamName, ITimelineEvent] {
  const item = blankItem.slice() as [StreamName, ITimelineEvent]
  item[0] = row[6] as StreamName
  item[1] = toEvent(row)
  return item
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
