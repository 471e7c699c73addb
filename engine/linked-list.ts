/** An item that keeps its neighbours itself. It is in one list at most. */
export interface Linked<T> {
  previous: T | undefined
  next: T | undefined
}

/**
 * Items in the order in which they came. Each change costs O(1) and allocates nothing, unlike one of a `Set`, which is made
 * anew every few changes however few items there are.
 */
export class LinkedList<T extends Linked<T>> {
  #first: T | undefined
  #last: T | undefined

  /** The one that has been in it for longest. */
  get first(): T | undefined {
    return this.#first
  }

  add(item: T): void {
    item.previous = this.#last
    if (this.#last === undefined) this.#first = item
    else this.#last.next = item
    this.#last = item
  }

  /** False when the item is not in the list. */
  delete(item: T): boolean {
    const { previous, next } = item
    if (previous === undefined && this.#first !== item) return false
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    item.previous = item.next = undefined
    return true
  }

  *[Symbol.iterator](): Generator<T, void, void> {
    for (let item = this.#first; item !== undefined; item = item.next) yield item
  }
}
