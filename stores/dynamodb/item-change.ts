import type { Item } from "./attribute-value.js"

/**
 * One change of one item, as it is told in the synchronous turn in which it happens. A transaction gives one for each
 * item, in the order of its request. A write that leaves the item as it was is told too: what becomes of it is the
 * stream's decision. The items belong to the model: read them, never change them.
 */
export interface ItemChange {
  readonly tableName: string
  readonly tableArn: string
  /** The stream that is enabled on the table, if any. */
  readonly streamArn?: string
  /** One more for each change in the database, from 1. */
  readonly sequence: bigint
  /** When it happened, in milliseconds since the Unix epoch. */
  readonly at: number
  /** The item's primary key. */
  readonly key: Item
  /** Absent where there was no such item. */
  readonly before?: Item
  /** Absent where the item was deleted. */
  readonly after?: Item
}
