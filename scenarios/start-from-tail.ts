import fc from "fast-check"
import { onDynamoStore } from "../properties/scenario.js"
import { trouble, troubling } from "../properties/trouble.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { indexing } from "./indexing.js"
import { rest } from "../properties/deployment/rest.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "alert"
const bounds = { categories: [category], streams: [1, 4], appends: 10, pauseMs: 15 } as const

/**
 * An epoch is closed in one write and its successor is made known in another. Who asks for the tail between the two, or
 * while the indexer is down between the two, must not end up behind the end of the closed epoch, where nothing ever comes.
 */
export const startFromTail = onDynamoStore({
  name: "start-from-tail",
  title:
    "A consumer starts at the tail of the index, at any moment of an epoch's end: it gets all that comes from there on",
  setup: fc.record({
    before: history(bounds),
    after: history(bounds),
    epochVersion: fc.constantFrom(1, 1, 2, 3),
    indexerCrashRate: fc.constantFrom(0, 0.1, 0.3),
    consumerAfterMs: fc.nat(200),
    trouble: trouble(["crash", "lost reply", "delay"]),
    tuning,
    time: handlingTime,
  }),
  sometimes: { handled: 20, gap: 100, "epoch crossed": 100, "restart after a crash": 300 },
  async run(stage, { before, after, epochVersion, indexerCrashRate, consumerAfterMs, trouble, tuning, time }) {
    const { world } = stage
    stage.tuning.epochVersion = epochVersion
    // What an indexer indexes once more may lie before the consumer's origin. A real store tells where only at the end.
    if (world.kind === "real") stage.tuning.lookBackEpochs = Infinity
    const operations = ["putItem", "updateItem", "transactWriteItems"]
    const crash = { rate: indexerCrashRate, restartAfterMs: [1, 200], most: 5 } as const
    const ends = [world.fault({ process: "indexer", port: "dynamodb", operations, crash })]
    indexing(stage, "indexer")
    const early = world.process("early-writer", writing(stage, before))
    await world.clock.sleep(consumerAfterMs)
    ends.push(troubling(stage, "consumer", trouble))
    const consumer = world.process("consumer", (self) => {
      const options = { group: "reactor", categories: [category], startFromTail: true, ...tuning }
      return host(stage, self, { ...options, handler: takingTime(self, time) })
    })
    await early.ended
    await world.process("late-writer", writing(stage, after)).ended
    for (const end of ends) end()
    await rest(stage, [consumer])
  },
})
