import { StreamName } from "../engine/stream-name.js"
import type { Scenario } from "../properties/scenario.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing, type History } from "./history.js"
import { host } from "./host.js"
import { rest } from "./rest.js"
import { allTrouble, trouble } from "../properties/trouble.js"
import { drawTuning } from "./tuning.js"

const category = "device"

export const hotStream: Scenario = {
  name: "hot-stream",
  title: "One hot stream among many quiet ones: it is handled in order and does not keep the others from their turn",
  store: "any",
  async run(stage) {
    const { random } = stage.world
    const quiet = drawHistory(random, { categories: [category], streams: [5, 20], appends: [5, 15], pauseMs: 20 })
    const hot: History = Array.from({ length: random.integer(10, 25) }, () => ({
      stream: StreamName.create(category, "hot"),
      count: random.integer(1, 4),
      afterMs: random.integer(0, 8),
    }))
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)

    const endTrouble = trouble(stage, "consumer", allTrouble)
    const consumer = stage.world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const writers = [
      stage.world.process("hot-writer", writing(stage, hot)),
      stage.world.process("quiet-writer", writing(stage, quiet)),
    ]
    await Promise.all(writers.map((writer) => writer.ended))
    endTrouble()
    await rest(stage, [consumer])
  },
}
