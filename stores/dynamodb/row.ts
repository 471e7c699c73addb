import type { Item } from "./attribute-value.js"

/** An item as it is kept: never changed in place, so that it can be shared by versions, indexes and changes. */
export interface Stored {
  readonly item: Item
  /** Bytes as the service counts them. */
  readonly size: number
}

/** What a row held until a change. */
export interface Version {
  /** Milliseconds since the Unix epoch. */
  readonly until: number
  readonly stored: Stored | undefined
}

/** A place in a partition. Without an item it is kept as long as someone may read what was there. */
export interface Row {
  readonly sortKey: string
  stored: Stored | undefined
  /** Oldest first. Empty as long as no history is kept. */
  readonly past: Version[]
}

/** What the row holds, or held at a time in the past. */
export function storedAt(row: Row, asOf: number | undefined): Stored | undefined {
  if (asOf === undefined) return row.stored
  const { past } = row
  let low = 0
  let high = past.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (past[middle]!.until > asOf) high = middle
    else low = middle + 1
  }
  return low < past.length ? past[low]!.stored : row.stored
}
