import type { Scenario } from "../properties/scenario.js"
import type { Handler } from "../properties/stage.js"
import type { ProcessContext } from "../sim/world.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { rest } from "./rest.js"
import { trouble } from "../properties/trouble.js"
import { drawTuning } from "./tuning.js"

const category = "payment"

/** Fails a drawn number of times and then never again, before or after its work. */
class Flaky {
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

export const failingHandler: Scenario = {
  name: "failing-handler",
  title: "A handler that fails now and then: its host starts the consumer again, and no event is passed over",
  store: "any",
  async run(stage) {
    const { random } = stage.world
    const history = drawHistory(random, { categories: [category], streams: [1, 6], appends: [3, 20], pauseMs: 15 })
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)
    const flaky = new Flaky(random.integer(1, 6), random.pick([0.1, 0.3, 1]))

    const endTrouble = trouble(stage, "consumer", ["crash", "delay"])
    const consumer = stage.world.process("consumer", (self) => {
      const handler = flaky.handler(self, takingTime(self, time))
      return host(stage, self, { group: "reactor", categories: [category], ...tuning, handler })
    })
    await stage.world.process("writer", writing(stage, history)).ended
    endTrouble()
    await rest(stage, [consumer])
  },
}
