import type { Scenario } from "../properties/scenario.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { rest } from "./rest.js"
import { drawTuning } from "./tuning.js"

const category = "account"

export const stopAndStart: Scenario = {
  name: "stop-and-start",
  title: "A consumer is asked to stop at any moment and started again: it drains, and goes on where it was",
  store: "any",
  async run(stage) {
    const { clock, random } = stage.world
    const history = drawHistory(random, { categories: [category], streams: [1, 6], appends: [3, 20], pauseMs: 20 })
    const stops = random.integer(1, 4)
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)

    const consumer = stage.world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const writer = stage.world.process("writer", writing(stage, history))
    for (let n = 0; n < stops; n++) {
      await clock.sleep(random.integer(0, 80))
      consumer.stop()
      await consumer.ended
      await clock.sleep(random.integer(0, 20))
      consumer.restart()
    }
    await writer.ended
    await rest(stage, [consumer])
  },
}
