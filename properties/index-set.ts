/**
 * A set of indexes of one stream, as ascending half-open intervals that neither overlap nor touch. A stream that is
 * handled in order is one interval, whatever its length; adding at the end is O(1), elsewhere O(intervals).
 */
export class IndexSet {
  readonly #intervals: { from: number; to: number }[] = []

  /** Adds `from … to - 1`. */
  add(from: number, to: number): void {
    if (from >= to) return
    const last = this.#intervals.at(-1)
    if (last === undefined || from > last.to) {
      this.#intervals.push({ from, to })
      return
    }
    if (from >= last.from) {
      last.to = Math.max(last.to, to)
      return
    }
    this.#insert(from, to)
  }

  has(index: number): boolean {
    const intervals = this.#intervals
    for (let i = intervals.length - 1; i >= 0; i--) {
      const { from, to } = intervals[i]!
      if (index >= from) return index < to
    }
    return false
  }

  #insert(from: number, to: number): void {
    const intervals = this.#intervals
    let first = intervals.length
    while (first > 0 && intervals[first - 1]!.to >= from) first--
    let end = first
    while (end < intervals.length && intervals[end]!.from <= to) end++
    const joined = intervals.slice(first, end)
    const lowest = Math.min(from, ...joined.slice(0, 1).map((i) => i.from))
    const highest = Math.max(to, ...joined.slice(-1).map((i) => i.to))
    intervals.splice(first, end - first, { from: lowest, to: highest })
  }
}
