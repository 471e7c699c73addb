/**
 * The steps whose time has not come, ordered by due time and then by arrival.
 *
 * Invariants: a binary heap (no item comes before its parent), and each item knows its place (`heap[item.slot] ===
 * item`), so that any of them can be taken out again in O(log n).
 */
export class TimerHeap<T extends { slot: number; readonly due: number; readonly order: number }> {
  readonly #heap: T[] = []
  /** Elementary operations so far: what its cost grows with, independent of the machine. */
  work = 0

  get size(): number {
    return this.#heap.length
  }

  /** The item that comes first. */
  get first(): T | undefined {
    return this.#heap[0]
  }

  push(item: T): void {
    this.#heap.push(item)
    this.#rise(item, this.#heap.length - 1)
  }

  remove(item: T): void {
    const { slot } = item
    const last = this.#heap.pop()!
    item.slot = -1
    if (last === item) return
    this.#sink(last, slot)
    this.#rise(last, last.slot)
  }

  #before(a: T, b: T): boolean {
    this.work++
    return a.due < b.due || (a.due === b.due && a.order < b.order)
  }

  #place(item: T, slot: number): void {
    this.#heap[slot] = item
    item.slot = slot
  }

  #rise(item: T, from: number): void {
    let slot = from
    while (slot > 0) {
      const above = (slot - 1) >> 1
      const parent = this.#heap[above]!
      if (!this.#before(item, parent)) break
      this.#place(parent, slot)
      slot = above
    }
    this.#place(item, slot)
  }

  #sink(item: T, from: number): void {
    let slot = from
    for (;;) {
      let below = 2 * slot + 1
      if (below >= this.#heap.length) break
      if (below + 1 < this.#heap.length && this.#before(this.#heap[below + 1]!, this.#heap[below]!)) below++
      const child = this.#heap[below]!
      if (!this.#before(child, item)) break
      this.#place(child, slot)
      slot = below
    }
    this.#place(item, slot)
  }
}
