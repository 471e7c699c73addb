import type { Scenario } from "../properties/scenario.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { rest } from "./rest.js"
import { trouble } from "../properties/trouble.js"

const categories = Array.from({ length: 30 }, (_, n) => `tenant${n}`)

/**
 * Every category loads its checkpoint and reads its pages for itself, and the store delays each answer differently: the
 * first category has calls running long before the last one starts.
 */
export const thirtyCategories: Scenario = {
  name: "thirty-categories",
  title: "Thirty categories on one sink, whose checkpoints load at different speeds",
  store: "any",
  async run(stage) {
    const { world } = stage
    const { random } = world
    const history = drawHistory(random, { categories, streams: [1, 2], appends: [30, 60], pauseMs: 2 })
    const time = drawHandlingTime(random)
    const tuning = {
      batchSize: random.pick([1, 2, 10]),
      maxConcurrentStreams: random.pick([1, 2, 5]),
      maxReadAhead: random.pick([1, 2, 3]),
      tailSleepIntervalMs: random.integer(60, 150),
      checkpointIntervalMs: random.integer(60, 150),
    }

    world.fault({ process: "consumer", delay: { rate: random.pick([0.5, 1]), ms: [0, random.pick([10, 100])] } })
    const endTrouble = trouble(stage, "consumer", ["crash"])
    const writer = world.process("writer", writing(stage, history))
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories, ...tuning, handler: takingTime(self, time) }),
    )
    await writer.ended
    endTrouble()
    await rest(stage, [consumer])
  },
}
