import type { Scenario } from "../properties/scenario.js"
import { crashOnce } from "./crash-once.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { rest } from "./rest.js"
import { allTrouble, trouble } from "../properties/trouble.js"
import { drawTuning } from "./tuning.js"

const category = "account"

export const crashAndRestart: Scenario = {
  name: "crash-and-restart",
  title: "A consumer crashes at any point, loses requests and replies, and is started again: nothing is lost",
  store: "any",
  async run(stage) {
    const { random } = stage.world
    const history = drawHistory(random, { categories: [category], streams: [1, 6], appends: [3, 20], pauseMs: 20 })
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)

    const endTrouble = trouble(stage, "consumer", allTrouble)
    const consumer = stage.world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const crashed = crashOnce(stage.world, consumer, 150)
    await stage.world.process("writer", writing(stage, history)).ended
    await crashed
    await stage.world.clock.sleep(random.integer(0, 200))
    endTrouble()
    await rest(stage, [consumer])
  },
}
