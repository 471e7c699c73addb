import { Fifo } from "../engine/sink/fifo.js"

/** Begins a call, which says once that it is over: its caller has got the reply. */
export type Call = (over: () => void) => void

/** Begins calls, at once or when their turn comes. */
export type Admission = (call: Call) => void

/** Calls that nothing keeps apart, such as those on a pool. */
export const anyOrder: Admission = (call) => call(nobody)

const nobody = () => undefined

/**
 * The calls on one connection, as a driver that does not pipeline sends them: one at a time, first come, first served.
 *
 * Invariants: at most one call is under way; one that waits has not begun, so that it has no effect if its turn never
 * comes; each call costs O(1), and calls that are over before they return do not pile up on the stack.
 */
export class CallQueue {
  readonly #waiting = new Fifo<Call>()
  #underWay = false
  #beginning = false

  readonly admit: Admission = (call) => {
    this.#waiting.push(call)
    this.#begin()
  }

  #begin(): void {
    // A call that ends while it begins comes here again; the loop below takes notice of it.
    if (this.#beginning) return
    this.#beginning = true
    while (!this.#underWay && this.#waiting.length > 0) {
      this.#underWay = true
      this.#waiting.shift()!(this.#over)
    }
    this.#beginning = false
  }

  readonly #over = (): void => {
    this.#underWay = false
    this.#begin()
  }
}
