import type { StreamName } from "../stream-name.js"
import { StreamState } from "./stream-state.js"

/**
 * The streams of which only the position is remembered, least recently used first. Remembering lets the sink drop
 * duplicates; the cap bounds what that costs. A forgotten stream is one whose position is unknown again.
 */
export class IdleStreams {
  readonly #cap: number
  readonly #end = new StreamState("" as StreamName)
  #size = 0

  constructor(cap: number) {
    this.#cap = cap
    this.#end.older = this.#end.younger = this.#end
  }

  /** Adds the stream as the most recently used; answers the one to forget, if there are now too many. */
  add(state: StreamState): StreamState | undefined {
    const youngest = this.#end.older as StreamState
    state.older = youngest
    state.younger = this.#end
    youngest.younger = state
    this.#end.older = state
    if (++this.#size <= this.#cap) return undefined
    const oldest = this.#end.younger as StreamState
    this.remove(oldest)
    return oldest
  }

  remove(state: StreamState): void {
    if (state.older === undefined || state.younger === undefined) return
    state.older.younger = state.younger
    state.younger.older = state.older
    state.older = state.younger = undefined
    this.#size--
  }
}
