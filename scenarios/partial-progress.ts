import { StreamResult } from "../engine/stream-result.js"
import type { Scenario } from "../properties/scenario.js"
import type { Handler } from "../properties/stage.js"
import type { ProcessContext } from "../sim/world.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { rest } from "./rest.js"
import { allTrouble, trouble } from "../properties/trouble.js"
import { drawTuning } from "./tuning.js"

const category = "import"

/** Does as much of a span as it likes: nothing, the first few events, or all of them. */
function inParts(self: ProcessContext, work: Handler, wholeRate: number): Handler {
  return async (stream, events) => {
    await work(stream, events)
    if (self.random.chance(wholeRate)) return StreamResult.AllProcessed
    const count = self.random.integer(0, events.length)
    return count === 0 ? StreamResult.NoneProcessed : StreamResult.PartiallyProcessed(count)
  }
}

export const partialProgress: Scenario = {
  name: "partial-progress",
  title: "A handler that takes part of what it is given, or nothing, and is called again for the rest",
  store: "any",
  async run(stage) {
    const { random } = stage.world
    const history = drawHistory(random, { categories: [category], streams: [1, 6], appends: [3, 20], pauseMs: 15 })
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)
    const wholeRate = random.pick([0.2, 0.5, 0.9])

    const endTrouble = trouble(stage, "consumer", allTrouble)
    const consumer = stage.world.process("consumer", (self) => {
      const handler = inParts(self, takingTime(self, time), wholeRate)
      return host(stage, self, { group: "reactor", categories: [category], ...tuning, handler })
    })
    await stage.world.process("writer", writing(stage, history)).ended
    endTrouble()
    await rest(stage, [consumer])
  },
}
