import { StreamName } from "../engine/stream-name.js"
import { decodeBody } from "../stores/dynamo-store/encoded-body.js"
import { decodeEpochEvent } from "../stores/dynamo-store/index/appends-epoch.js"
import { EpochPosition } from "../stores/dynamo-store/index/epoch-position.js"
import { data, type StoredEvent } from "../stores/dynamo-store/stored-event.js"
import { decodeItem, type StoredItem } from "../stores/dynamo-store/stored-item.js"
import type { Item } from "./dynamo-store-backend.js"

/** An event of the events table as the index names it. */
export interface IndexedEvent {
  readonly stream: string
  readonly index: number
}

/** One entry of an epoch. */
export interface EpochEntry {
  readonly offset: number
  /** Where the entry is, as a position of the source. */
  readonly position: bigint
  /** None when the entry closes the epoch. */
  readonly events: readonly IndexedEvent[]
  readonly closes: boolean
}

/** An item of the index table that holds entries of an epoch. */
export interface EpochItem {
  /** The index partition, which is the tranche. */
  readonly partition: string
  readonly epoch: number
  /** The offset after its last entry. */
  readonly next: number
  readonly isTip: boolean
  /** The entries from an offset on. */
  entriesFrom(offset: number): readonly EpochEntry[]
}

/** Undefined for an item of another stream of the index table. */
export function epochItem(item: Item): EpochItem | undefined {
  const key = epochKey(item["p"]?.S)
  if (key === undefined) return undefined
  const stored = decodeItem(item)
  return {
    ...key,
    next: Number(stored.next),
    isTip: stored.isTip,
    entriesFrom: (offset) => entriesFrom(offset, key.epoch, stored),
  }
}

/** Which epoch a stream of the index table is. */
export function epochKey(
  stream: string | undefined,
): { readonly partition: string; readonly epoch: number } | undefined {
  const [, partition, epoch] = /^\$AppendsEpoch-([^_]*)_(\d+)$/.exec(stream ?? "") ?? []
  return partition === undefined ? undefined : { partition, epoch: Number(epoch) }
}

/** The body of an event as text; undefined when it has none. */
export function textOf(event: StoredEvent): string | undefined {
  const body = data(event)
  return body === undefined ? undefined : decodeBody(body)
}

function entriesFrom(offset: number, epoch: number, { stream, base, events }: StoredItem): EpochEntry[] {
  return events.slice(Math.max(0, offset - Number(base))).map((event) => {
    const at = Number(event.index)
    const decoded = decodeEpochEvent(stream, { type: event.type, index: event.index, data: textOf(event) })
    const spans = decoded?.type === "Ingested" ? [...decoded.add, ...decoded.app] : []
    return {
      offset: at,
      position: EpochPosition.of(epoch, at),
      events: spans.flatMap(({ stream: name, index, types }) =>
        types.map((_, n) => ({ stream: name, index: index + n })),
      ),
      closes: decoded?.type === "Closed",
    }
  })
}

/** Streams of the store itself are in no index. */
export const isSystemStream = (stream: string): boolean => StreamName.category(stream).startsWith("$")
