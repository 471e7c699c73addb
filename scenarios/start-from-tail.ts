import type { Scenario } from "../properties/scenario.js"
import { trouble } from "../properties/trouble.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { indexing } from "./indexing.js"
import { rest } from "./rest.js"
import { drawTuning } from "./tuning.js"

const category = "alert"

/**
 * An epoch is closed in one write and its successor is made known in another. Who asks for the tail between the two, or
 * while the indexer is down between the two, must not end up behind the end of the closed epoch, where nothing ever comes.
 */
export const startFromTail: Scenario = {
  name: "start-from-tail",
  title:
    "A consumer starts at the tail of the index, at any moment of an epoch's end: it gets all that comes from there on",
  store: "dynamo-store",
  async run(stage) {
    const { world, tuning: limits } = stage
    const { clock, random } = world
    limits.epochVersion = random.pick([1, 1, 2, 3])
    // What an indexer indexes once more may lie before the consumer's origin. A real store tells where only at the end.
    if (world.kind === "real") limits.lookBackEpochs = Infinity
    const bounds = { categories: [category], streams: [1, 4], pauseMs: 15 } as const
    const before = drawHistory(random, { ...bounds, appends: [1, 10] })
    const after = drawHistory(random, { ...bounds, appends: [1, 10] })
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)

    const operations = ["putItem", "updateItem", "transactWriteItems"]
    const crash = { rate: random.pick([0, 0.1, 0.3]), restartAfterMs: [1, 200], most: 5 } as const
    const ends = [world.fault({ process: "indexer", port: "dynamodb", operations, crash })]
    indexing(stage, "indexer")
    const early = world.process("early-writer", writing(stage, before))
    await clock.sleep(random.integer(0, 200))
    ends.push(trouble(stage, "consumer", ["crash", "lost reply", "delay"]))
    const consumer = world.process("consumer", (self) => {
      const options = { group: "reactor", categories: [category], startFromTail: true, ...tuning }
      return host(stage, self, { ...options, handler: takingTime(self, time) })
    })
    await early.ended
    await world.process("late-writer", writing(stage, after)).ended
    for (const end of ends) end()
    await rest(stage, [consumer])
  },
}
