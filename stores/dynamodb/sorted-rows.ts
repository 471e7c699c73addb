/*
 * Rows in the order of their sort keys, in blocks of at most `maxBlock`. Blocks are sorted, none is empty, and the last row
 * of a block comes before the first of the next. A search halves the blocks and then the block; an insert moves the rest
 * of one block; a full block is cut into two, an empty one goes away. So with n rows a search costs log n, and an insert
 * log n and a part of a block that does not depend on n, wherever it is.
 */
import type { Bounds } from "./key-order.js"

/** What can be sorted. */
export interface Sortable {
  readonly sortKey: string
}

const maxBlock = 512

export class SortedRows<R extends Sortable> {
  readonly #blocks: R[][] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  get(sortKey: string): R | undefined {
    const block = this.#blocks[this.#blockOf(sortKey)]
    const row = block?.[firstFrom(block, sortKey)]
    return row?.sortKey === sortKey ? row : undefined
  }

  /** Adds a row whose sort key is not there. */
  insert(row: R): void {
    this.#size++
    const index = Math.min(this.#blockOf(row.sortKey), this.#blocks.length - 1)
    const block = this.#blocks[index]
    if (block === undefined) {
      this.#blocks.push([row])
      return
    }
    block.splice(firstFrom(block, row.sortKey), 0, row)
    if (block.length > maxBlock) this.#blocks.splice(index + 1, 0, block.splice(maxBlock / 2))
  }

  remove(sortKey: string): void {
    const index = this.#blockOf(sortKey)
    const block = this.#blocks[index]
    if (block === undefined) return
    const at = firstFrom(block, sortKey)
    if (block[at]?.sortKey !== sortKey) return
    this.#size--
    block.splice(at, 1)
    if (block.length === 0) this.#blocks.splice(index, 1)
  }

  /** Visits the rows within the bounds in order, until `visit` returns false. Answers whether it came to the end. */
  walk(bounds: Bounds, forward: boolean, visit: (row: R) => boolean): boolean {
    return forward ? this.#walkForward(bounds, visit) : this.#walkBackward(bounds, visit)
  }

  #walkForward({ from, to }: Bounds, visit: (row: R) => boolean): boolean {
    let block = this.#blockOf(from)
    let at = block < this.#blocks.length ? firstFrom(this.#blocks[block]!, from) : 0
    for (; block < this.#blocks.length; block++, at = 0) {
      const rows = this.#blocks[block]!
      for (; at < rows.length; at++) {
        const row = rows[at]!
        if (to !== undefined && row.sortKey >= to) return true
        if (!visit(row)) return false
      }
    }
    return true
  }

  #walkBackward({ from, to }: Bounds, visit: (row: R) => boolean): boolean {
    let block = to === undefined ? this.#blocks.length : this.#blockOf(to)
    let at = block < this.#blocks.length && to !== undefined ? firstFrom(this.#blocks[block]!, to) : 0
    for (;;) {
      if (--at < 0) {
        if (--block < 0) return true
        at = this.#blocks[block]!.length - 1
      }
      const row = this.#blocks[block]![at]!
      if (row.sortKey < from) return true
      if (!visit(row)) return false
    }
  }

  /** The first block that has a row with this or a greater sort key; past the end if none has. */
  #blockOf(sortKey: string): number {
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#blocks[middle]!.at(-1)!.sortKey < sortKey) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The first row with this or a greater sort key; past the end if none has. */
function firstFrom(block: readonly Sortable[], sortKey: string): number {
  let low = 0
  let high = block.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (block[middle]!.sortKey < sortKey) low = middle + 1
    else high = middle
  }
  return low
}
