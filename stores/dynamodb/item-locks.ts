import type { Place } from "./partitions.js"
import type { Table } from "./table.js"

/** The items that transactions hold between their decision and their effect. */
export class ItemLocks {
  readonly #held = new Set<string>()

  isHeld(table: Table, place: Place): boolean {
    return this.#held.size > 0 && this.#held.has(idOf(table, place))
  }

  hold(items: readonly ItemPlace[]): void {
    for (const { table, place } of items) this.#held.add(idOf(table, place))
  }

  release(items: readonly ItemPlace[]): void {
    for (const { table, place } of items) this.#held.delete(idOf(table, place))
  }
}

export interface ItemPlace {
  readonly table: Table
  readonly place: Place
}

/** A text that is the item's alone. */
export function idOf(table: Table, { hash, sortKey }: Place): string {
  return `${table.id}:${hash.length}:${hash}${sortKey}`
}
