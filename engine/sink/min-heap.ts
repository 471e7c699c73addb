/** A binary heap: what has the lowest key comes out first. O(log n) each way; equal keys come out in no promised order. */
export class MinHeap<T> {
  readonly #keys: number[] = []
  readonly #values: T[] = []

  /** The lowest key, or Infinity when nothing is held. */
  get lowest(): number {
    return this.#keys[0] ?? Infinity
  }

  push(key: number, value: T): void {
    let at = this.#keys.length
    while (at > 0) {
      const up = (at - 1) >> 1
      if ((this.#keys[up] as number) <= key) break
      this.#move(up, at)
      at = up
    }
    this.#keys[at] = key
    this.#values[at] = value
  }

  pop(): T | undefined {
    const top = this.#values[0]
    const key = this.#keys.pop()
    const value = this.#values.pop() as T
    const size = this.#keys.length
    if (key === undefined || size === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && (this.#keys[child + 1] as number) < (this.#keys[child] as number)) child++
      if ((this.#keys[child] as number) >= key) break
      this.#move(child, at)
      at = child
    }
    this.#keys[at] = key
    this.#values[at] = value
    return top
  }

  #move(from: number, to: number): void {
    this.#keys[to] = this.#keys[from] as number
    this.#values[to] = this.#values[from] as T
  }
}
