import { LinkedList } from "../linked-list.js"
import type { StreamState } from "./stream-state.js"

/**
 * The streams of which only the position is remembered, longest idle first. Remembering lets the sink drop duplicates;
 * the cap bounds what that costs. A forgotten stream is one whose position is unknown again.
 *
 * The list goes through the states themselves, which stay in the sink's map meanwhile. A map whose entries come and go
 * makes a new table again and again, and V8 chains the old ones, with all that was in them, until it collects its old
 * space: pages would outlive their handling by far.
 */
export class IdleStreams {
  readonly #cap: number
  readonly #states = new LinkedList<StreamState>()
  #size = 0

  constructor(cap: number) {
    this.#cap = cap
  }

  /** Remembers a stream that is not remembered yet. Answers the one that is forgotten for it when there are too many. */
  add(state: StreamState): StreamState | undefined {
    this.#states.add(state)
    if (++this.#size <= this.#cap) return undefined
    const forgotten = this.#states.first as StreamState
    this.remove(forgotten)
    return forgotten
  }

  /** Answers whether it was remembered. */
  remove(state: StreamState): boolean {
    if (!this.#states.delete(state)) return false
    this.#size--
    return true
  }
}
