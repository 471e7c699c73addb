import type { ProcessContext } from "../../sim/world.js"
import type { Handler } from "../stage.js"

/** Fails a drawn number of times and then never again, before or after its work. */
export class Flaky {
  #failuresLeft: number
  readonly #rate: number

  constructor(failures: number, rate: number) {
    this.#failuresLeft = failures
    this.#rate = rate
  }

  handler(self: ProcessContext, work: Handler): Handler {
    return async (stream, events) => {
      this.#mayFail(self, "before its work")
      await work(stream, events)
      this.#mayFail(self, "after its work")
    }
  }

  #mayFail(self: ProcessContext, when: string): void {
    if (this.#failuresLeft === 0 || !self.random.chance(this.#rate)) return
    this.#failuresLeft--
    throw new Error(`the handler failed ${when}`)
  }
}
