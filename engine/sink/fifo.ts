/** A queue in which both ends cost O(1). */
export class Fifo<T> {
  #items: (T | undefined)[] = []
  #start = 0

  get length(): number {
    return this.#items.length - this.#start
  }

  /** The oldest item, or undefined. */
  get head(): T | undefined {
    return this.#items[this.#start]
  }

  /** The youngest item, or undefined. */
  get last(): T | undefined {
    return this.length === 0 ? undefined : this.#items[this.#items.length - 1]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#start]
    this.#items[this.#start++] = undefined
    if (this.#start === this.#items.length) this.#clear()
    // Moving what is left only when the dead part is the larger one keeps a shift O(1) on average.
    else if (this.#start > 1024 && this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start)
      this.#start = 0
    }
    return item
  }

  #clear(): void {
    this.#items.length = 0
    this.#start = 0
  }
}
