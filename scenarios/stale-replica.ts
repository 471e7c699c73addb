import type { Scenario } from "../properties/scenario.js"
import { trouble } from "../properties/trouble.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { indexing } from "./indexing.js"
import { rest } from "./rest.js"
import { drawTuning } from "./tuning.js"

const category = "stock"

/**
 * Each eventually consistent read goes to another replica: one may not have the event that the index names, or the calf
 * that the Tip rests on, or be older than what was read before.
 */
export const staleReplica: Scenario = {
  name: "stale-replica",
  title: "Reads are answered by replicas that lag behind, each by another time: nothing is skipped, nothing goes back",
  store: "dynamo-store",
  async run(stage) {
    const { world, conditions, tuning: limits } = stage
    const { random } = world
    conditions.lagMs = random.pick([30, 300, 3_000])
    limits.tipEvents = random.pick([1, 3, 10])
    limits.indexTipEvents = random.pick([1, 3, 10])
    limits.epochVersion = random.pick([2, 5, 5_000])
    const history = drawHistory(random, { categories: [category], streams: [1, 6], appends: [5, 25], pauseMs: 15 })
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)
    const load = { kind: "with-data", degreeOfParallelism: random.integer(1, 3) } as const

    const endTrouble = trouble(stage, "consumer", ["crash", "delay"])
    indexing(stage, "indexer")
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], load, ...tuning, handler: takingTime(self, time) }),
    )
    await world.process("writer", writing(stage, history)).ended
    endTrouble()
    await rest(stage, [consumer])
  },
}
