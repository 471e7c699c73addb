import type { Scenario } from "../properties/scenario.js"
import { allTrouble, trouble } from "../properties/trouble.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { indexing } from "./indexing.js"
import { rest } from "./rest.js"
import { drawTuning } from "./tuning.js"

const category = "order"

/** Epochs of one to a few entries: readers cross from one to the next all the time, in the middle of pages and streams. */
export const epochRollover: Scenario = {
  name: "epoch-rollover",
  title: "Epochs of the index close after a few entries while events keep coming: readers cross each border whole",
  store: "dynamo-store",
  async run(stage) {
    const { world, tuning: limits } = stage
    const { random } = world
    limits.epochVersion = random.pick([1, 2, 3])
    limits.epochStreams = random.pick([1, 2, 100_000])
    const bounds = { categories: [category], streams: [1, 8], appends: [8, 25], pauseMs: random.pick([2, 15]) } as const
    const histories = [drawHistory(random, bounds), drawHistory(random, { ...bounds, categories: ["other", category] })]
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)

    const ends = ["indexer", "consumer"].map((process) => trouble(stage, process, allTrouble))
    indexing(stage, "indexer")
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const writers = histories.map((history, n) => world.process(`writer-${n}`, writing(stage, history)))
    await Promise.all(writers.map((writer) => writer.ended))
    for (const end of ends) end()
    await rest(stage, [consumer])
  },
}
