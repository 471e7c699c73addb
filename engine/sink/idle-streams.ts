import type { StreamName } from "../stream-name.js"

/**
 * The streams of which only the position is remembered, longest idle first. Remembering lets the sink drop duplicates;
 * the cap bounds what that costs. A forgotten stream is one whose position is unknown again.
 *
 * A map keeps the order in which keys were put into it, and one iterator that is never begun anew passes each of them
 * once, so that the oldest is found without a walk over what was taken out before.
 */
export class IdleStreams {
  readonly #cap: number
  readonly #positions = new Map<StreamName, number>()
  readonly #oldest = this.#positions.keys()

  constructor(cap: number) {
    this.#cap = cap
  }

  get size(): number {
    return this.#positions.size
  }

  /** The next index that is not handled, or -1 when nothing is known of the stream. */
  positionOf(stream: StreamName): number {
    return this.#positions.get(stream) ?? -1
  }

  /** Remembers a stream that is not remembered yet, and forgets the oldest when there are too many. */
  add(stream: StreamName, position: number): void {
    this.#positions.set(stream, position)
    if (this.#positions.size > this.#cap) this.remove(this.#oldest.next().value as StreamName)
  }

  remove(stream: StreamName): void {
    this.#positions.delete(stream)
  }
}
