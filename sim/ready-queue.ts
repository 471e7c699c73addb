/**
 * The steps that may run now, in the order in which they became ready, so that index 0 is always the oldest.
 *
 * Invariants: an item sits at `slots[item.slot]` until it is removed; slots are given out in ascending order, so the
 * order of slots is the order of arrival; `counts` is a Fenwick tree (binary indexed tree) over the slots with 1 for a
 * taken and 0 for an empty one. Finding the k-th oldest and removing any item take O(log n). When the slots run out
 * the items move together; the new room is at least as large as their number, so a move costs O(1) per arrival.
 */
export class ReadyQueue<T extends { slot: number }> {
  #slots: (T | undefined)[] = []
  /** A plain list: V8 keeps typed arrays of this size outside of its heap, where making and collecting one costs more. */
  #counts = [0]
  #capacity = 0
  #next = 0
  #size = 0
  /** Elementary operations so far: what its cost grows with, independent of the machine. */
  work = 0

  get size(): number {
    return this.#size
  }

  push(item: T): void {
    if (this.#next === this.#capacity) this.#moveTogether()
    item.slot = this.#next++
    this.#slots[item.slot] = item
    this.#count(item.slot, 1)
    this.#size++
  }

  /** The item that `index` others came before. */
  at(index: number): T {
    if (!(Number.isInteger(index) && index >= 0 && index < this.#size))
      throw new RangeError(`no ready step has index ${index}: there are ${this.#size}`)
    let slot = 0
    let before = index
    for (let stride = this.#capacity; stride > 0; stride >>= 1) {
      this.work++
      const end = slot + stride
      if (end > this.#capacity) continue
      const inside = this.#counts[end]!
      if (inside > before) continue
      slot = end
      before -= inside
    }
    return this.#slots[slot]!
  }

  /** How many come before the item; -1 when it is not here. */
  indexOf(item: T): number {
    if (this.#slots[item.slot] !== item) return -1
    let before = 0
    for (let node = item.slot; node > 0; node -= node & -node) {
      before += this.#counts[node]!
      this.work++
    }
    return before
  }

  remove(item: T): void {
    this.#slots[item.slot] = undefined
    this.#count(item.slot, -1)
    item.slot = -1
    this.#size--
    if (this.#size === 0) this.#next = 0
  }

  #count(slot: number, change: number): void {
    for (let node = slot + 1; node <= this.#capacity; node += node & -node) {
      this.#counts[node]! += change
      this.work++
    }
  }

  #moveTogether(): void {
    const items = this.#slots.filter((item) => item !== undefined)
    this.#capacity = 64
    while (this.#capacity < 2 * items.length) this.#capacity *= 2
    this.work += this.#capacity
    this.#slots = items
    this.#next = items.length
    this.#counts = new Array<number>(this.#capacity + 1).fill(0)
    items.forEach((item, slot) => {
      item.slot = slot
      this.#counts[slot + 1] = 1
    })
    for (let node = 1; node <= this.#capacity; node++) {
      const parent = node + (node & -node)
      if (parent <= this.#capacity) this.#counts[parent]! += this.#counts[node]!
    }
  }
}
