import type { StoredEvent } from "./stored-event.js"
import { estimatedBytes } from "./stored-event.js"
import type { StoredItem } from "./stored-item.js"

/**
 * A Tip as it was read or written: what the next write is planned from and conditioned on. A stream whose Tip nobody has
 * seen has none. A Tip of version 0 is one nevertheless: an unfold may come before the first event.
 */
export interface Position {
  /** The stream's version: the index of its next event. */
  readonly index: bigint
  /** Undefined for a Tip that was not written by a writer of this format. */
  readonly etag: string | undefined
  /** `b`: estimated bytes of all calves. */
  readonly calvedBytes: number
  /** Estimated bytes of the Tip without its unfolds. */
  readonly baseBytes: number
  readonly unfoldsBytes: number
  /** The Tip's events, the last of which is at `index - 1`. */
  readonly events: readonly StoredEvent[]
  readonly unfolds: readonly StoredEvent[]
}

/** A position but for what is computed from the rest of it. */
export type Tip = Pick<Position, "index" | "etag" | "calvedBytes" | "events" | "unfolds">

export const sumOfBytes = (events: readonly StoredEvent[]): number =>
  events.reduce((sum, event) => sum + estimatedBytes(event), 0)

export function positionAt(stream: string, tip: Tip): Position {
  return {
    ...tip,
    baseBytes: 80 + stream.length + (tip.etag?.length ?? 0) + sumOfBytes(tip.events),
    unfoldsBytes: sumOfBytes(tip.unfolds),
  }
}

export function positionOf({ stream, next, etag, calvedBytes, events, unfolds }: StoredItem): Position {
  return positionAt(stream, { index: next, etag, calvedBytes, events, unfolds })
}

/** Estimated bytes of all events of the stream; 0 where there is no stream. */
export const streamEventBytes = (position: Position | undefined): number =>
  position === undefined ? 0 : position.calvedBytes + position.baseBytes
