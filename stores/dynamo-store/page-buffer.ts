import type { AppendSpan } from "./index/append-span.js"

/** A span of the index that the reader wants, and when it was indexed. */
export interface ChosenSpan extends AppendSpan {
  readonly time: Date
}

/**
 * Gathers the spans of one page. It never holds more events than the cutoff, unless a single index entry has more:
 * positions lie between entries, so an entry is in one page as a whole.
 */
export class PageBuffer {
  readonly #cutoff: number
  #spans: ChosenSpan[] = []
  #events = 0

  constructor(cutoff: number) {
    this.#cutoff = cutoff
  }

  get isEmpty(): boolean {
    return this.#spans.length === 0
  }

  /** Whether the spans of one more entry may join those that are here. */
  hasRoomFor(entry: readonly ChosenSpan[]): boolean {
    return this.isEmpty || this.#events + countEvents(entry) <= this.#cutoff
  }

  add(entry: readonly ChosenSpan[]): void {
    this.#spans.push(...entry)
    this.#events += countEvents(entry)
  }

  /** Everything gathered; the buffer is empty afterwards. */
  take(): readonly ChosenSpan[] {
    const spans = this.#spans
    this.#spans = []
    this.#events = 0
    return spans
  }
}

function countEvents(spans: readonly ChosenSpan[]): number {
  return spans.reduce((sum, { types }) => sum + types.length, 0)
}
