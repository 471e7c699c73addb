import { Fifo } from "./fifo.js"
import { MinHeap } from "./min-heap.js"
import type { StreamState } from "./stream-state.js"

/**
 * The streams that may be called, lowest ticket first. Streams that a new batch makes ready come with ever higher
 * tickets and take the O(1) lane; those that come back from a call with more to do take the other.
 */
export class ReadyQueue {
  readonly #arrivals = new Fifo<StreamState>()
  readonly #returned = new MinHeap<StreamState>()

  get isEmpty(): boolean {
    return this.#arrivals.length === 0 && this.#returned.lowest === Infinity
  }

  push(state: StreamState): void {
    const last = this.#arrivals.last
    if (last === undefined || last.ticket < state.ticket) this.#arrivals.push(state)
    else this.#returned.push(state.ticket, state)
  }

  pop(): StreamState | undefined {
    const arrival = this.#arrivals.head
    if (arrival === undefined || this.#returned.lowest < arrival.ticket) return this.#returned.pop()
    return this.#arrivals.shift()
  }
}
