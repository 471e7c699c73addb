import type { Scenario } from "../properties/scenario.js"
import { allTrouble, trouble } from "../properties/trouble.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { indexing } from "./indexing.js"
import { rest } from "./rest.js"
import { drawTuning } from "./tuning.js"

const category = "invoice"

/** As after a deployment that did not stop the old one, or when the platform runs a handler twice. */
export const twoIndexers: Scenario = {
  name: "two-indexers",
  title: "Two indexers follow the same table and compete for every entry of the index",
  store: "dynamo-store",
  async run(stage) {
    const { world, tuning: limits } = stage
    const { random } = world
    limits.epochVersion = random.pick([1, 3, 20, 5_000])
    const history = drawHistory(random, { categories: [category], streams: [1, 6], appends: [5, 25], pauseMs: 15 })
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)

    const names = ["indexer-0", "indexer-1"]
    const ends = names.map((name) => trouble(stage, name, allTrouble))
    for (const name of names) indexing(stage, name)
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    await world.process("writer", writing(stage, history)).ended
    for (const end of ends) end()
    await rest(stage, [consumer])
  },
}
