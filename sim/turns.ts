/**
 * Does something again and again, each time after all microtasks and ticks that the time before caused are done, however
 * long their chains are. No number of awaited promises gives that; callbacks of `setImmediate` do: Node drains ticks and
 * microtasks after each of them, also between those that were asked for together (since Node 11).
 *
 * A turn of the event loop costs more than all else that a step costs, so several callbacks are asked for at once.
 *
 * Invariants: at most `most` callbacks wait that have something to do; those that wait when it is stopped or started anew
 * do nothing. What is asked for within a callback comes in a later turn of the event loop, so that starting it anew each time
 * lets the event loop turn each time.
 */
export class Turns {
  readonly #turn: () => void
  #batch = 0
  #left = 0
  #size = few

  constructor(turn: () => void) {
    this.#turn = turn
  }

  start(): void {
    this.#size = few
    this.#ask()
  }

  stop(): void {
    this.#batch++
  }

  #ask(): void {
    const batch = ++this.#batch
    this.#left = this.#size
    const callback = () => {
      if (batch !== this.#batch) return
      this.#left--
      this.#turn()
      if (batch === this.#batch && this.#left === 0) this.#ask()
    }
    // The one place that may use the event loop.
    // eslint-disable-next-line no-restricted-globals
    for (let n = 0; n < this.#left; n++) setImmediate(callback)
    this.#size = Math.min(most, 2 * this.#size)
  }
}

const few = 16
const most = 64
