import type { Scenario } from "../properties/scenario.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { rest } from "./rest.js"
import { allTrouble, trouble } from "../properties/trouble.js"
import { drawTuning } from "./tuning.js"

export const severalCategories: Scenario = {
  name: "several-categories",
  title: "One consumer reads several categories into one sink, and crashes now and then",
  store: "any",
  async run(stage) {
    const { random } = stage.world
    const categories = ["account", "account:command", "invoice", "shipment"].slice(0, random.integer(2, 4))
    const history = drawHistory(random, { categories, streams: [1, 3], appends: [4, 24], pauseMs: 15 })
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)

    const endTrouble = trouble(stage, "consumer", allTrouble)
    const consumer = stage.world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories, ...tuning, handler: takingTime(self, time) }),
    )
    await stage.world.process("writer", writing(stage, history)).ended
    endTrouble()
    await rest(stage, [consumer])
  },
}
