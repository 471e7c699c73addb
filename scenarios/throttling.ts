import type { Scenario } from "../properties/scenario.js"
import { trouble } from "../properties/trouble.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { indexing } from "./indexing.js"
import { rest } from "./rest.js"
import { drawTuning } from "./tuning.js"

const category = "meter"

/** Nobody dies of it: sources read again, indexers and writers try again, and a checkpoint that failed is written later. */
export const throttling: Scenario = {
  name: "throttling",
  title: "The service throttles a share of all requests for a while: everybody tries again, and nothing is lost",
  store: "dynamo-store",
  async run(stage) {
    const { world, conditions } = stage
    const { clock, random } = world
    const history = drawHistory(random, { categories: [category], streams: [1, 6], appends: [3, 20], pauseMs: 20 })
    const rates = Array.from({ length: random.integer(1, 4) }, () => random.pick([0, 0.05, 0.3, 0.6]))
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)

    const endTrouble = trouble(stage, "consumer", ["crash", "delay"])
    indexing(stage, "indexer")
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const writer = world.process("writer", writing(stage, history))
    for (const rate of rates) {
      conditions.throttleRate = rate
      await clock.sleep(random.integer(20, 200))
    }
    conditions.throttleRate = 0
    await writer.ended
    endTrouble()
    await rest(stage, [consumer])
  },
}
