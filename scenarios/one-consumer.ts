import type { Scenario } from "../properties/scenario.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { rest } from "./rest.js"
import { drawTuning } from "./tuning.js"

const category = "account"

export const oneConsumer: Scenario = {
  name: "one-consumer",
  title: "One consumer catches up with what was written before it started, and tails what comes then",
  store: "any",
  async run(stage) {
    const { random } = stage.world
    const bounds = { categories: [category], streams: [1, 6], appends: [1, 12] } as const
    const before = drawHistory(random, { ...bounds, pauseMs: 0 })
    const after = drawHistory(random, { ...bounds, pauseMs: random.pick([0, 15, 60]) })
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)

    await stage.world.process("early-writer", writing(stage, before)).ended
    const consumer = stage.world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    await stage.world.process("late-writer", writing(stage, after)).ended
    await rest(stage, [consumer])
  },
}
