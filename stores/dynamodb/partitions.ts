/*
 * The rows of a table or an index: partitions by the text of their hash key, rows in a partition by their sort key. Beside
 * the map the partitions stand in the order of a hash of their key, which is the order of a scan and does not change.
 * A partition exists as long as it has rows.
 */
import type { History } from "./history.js"
import { type Bounds, everything } from "./key-order.js"
import { type Row, type Stored, storedAt } from "./row.js"
import { SortedRows } from "./sorted-rows.js"

/** Where a row is. */
export interface Place {
  readonly hash: string
  readonly sortKey: string
}

interface Partition {
  /** Its place in a scan. */
  readonly sortKey: string
  readonly hash: string
  readonly rows: SortedRows<Row>
}

/** Answers whether to go on. */
export type Visit = (stored: Stored) => boolean

/** A range of the numbers that hash keys are hashed to; `to` is exclusive. */
export interface HashRange {
  readonly from: number
  readonly to: number
}

export const allHashes: HashRange = { from: 0, to: 2 ** 32 }

export class Partitions {
  readonly #byHash = new Map<string, Partition>()
  readonly #inScanOrder = new SortedRows<Partition>()
  readonly #history: History | undefined

  /** Without a history the past is forgotten at once. */
  constructor(history: History | undefined) {
    this.#history = history
  }

  get({ hash, sortKey }: Place, asOf?: number): Stored | undefined {
    const row = this.#byHash.get(hash)?.rows.get(sortKey)
    return row && storedAt(row, asOf)
  }

  set(place: Place, stored: Stored): void {
    const { rows } = this.#byHash.get(place.hash) ?? this.#create(place.hash)
    let row = rows.get(place.sortKey)
    if (row === undefined) {
      row = { sortKey: place.sortKey, stored: undefined, past: [] }
      rows.insert(row)
    }
    this.#history?.remember(row, (emptied) => this.#remove(place.hash, emptied))
    row.stored = stored
  }

  delete({ hash, sortKey }: Place): void {
    const row = this.#byHash.get(hash)?.rows.get(sortKey)
    if (row?.stored === undefined) return
    this.#history?.remember(row, (emptied) => this.#remove(hash, emptied))
    row.stored = undefined
    if (this.#history === undefined) this.#remove(hash, row)
  }

  /** Visits one partition in the order of its sort keys. Answers whether it came to the end. */
  walk(hash: string, bounds: Bounds, forward: boolean, asOf: number | undefined, visit: Visit): boolean {
    const rows = this.#byHash.get(hash)?.rows
    return rows === undefined || rows.walk(bounds, forward, visitStored(asOf, visit))
  }

  /** Visits all partitions within the range, or those of them after a place. Answers whether it came to the end. */
  scan(range: HashRange, after: Place | undefined, asOf: number | undefined, visit: Visit): boolean {
    const visitRow = visitStored(asOf, visit)
    const start = after && scanKey(after.hash)
    const lowest = hex(range.from)
    const from = start !== undefined && start > lowest ? start : lowest
    const to = range.to < allHashes.to ? hex(range.to) : undefined
    return this.#inScanOrder.walk({ from, to }, true, ({ sortKey, rows }) => {
      const bounds = sortKey === start ? { from: `${after!.sortKey}\0`, to: undefined } : everything
      return rows.walk(bounds, true, visitRow)
    })
  }

  #create(hash: string): Partition {
    const partition = { hash, sortKey: scanKey(hash), rows: new SortedRows<Row>() }
    this.#byHash.set(hash, partition)
    this.#inScanOrder.insert(partition)
    return partition
  }

  #remove(hash: string, { sortKey }: Row): void {
    const partition = this.#byHash.get(hash)
    if (partition === undefined) return
    partition.rows.remove(sortKey)
    if (partition.rows.size > 0) return
    this.#byHash.delete(hash)
    this.#inScanOrder.remove(partition.sortKey)
  }
}

/** The number that a hash key stands at in a scan, from 0 to 2^32 - 1. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const hex = (number: number) => number.toString(16).padStart(8, "0")

const scanKey = (hash: string) => hex(hashOf(hash)) + hash

function visitStored(asOf: number | undefined, visit: Visit): (row: Row) => boolean {
  return (row) => {
    const stored = storedAt(row, asOf)
    return stored === undefined || visit(stored)
  }
}
