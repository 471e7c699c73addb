import fc from "fast-check"
import { onDynamoStore } from "../properties/scenario.js"
import { trouble, troubling } from "../properties/trouble.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { indexing } from "./indexing.js"
import { rest } from "../properties/deployment/rest.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "stock"

/**
 * Each eventually consistent read goes to another replica: one may not have the event that the index names, or the calf
 * that the Tip rests on, or be older than what was read before.
 */
export const staleReplica = onDynamoStore({
  name: "stale-replica",
  title: "Reads are answered by replicas that lag behind, each by another time: nothing is skipped, nothing goes back",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 25, pauseMs: 15 }),
    lagMs: fc.constantFrom(30, 300, 3_000),
    limits: fc.record({
      tipEvents: fc.constantFrom(10, 3, 1),
      indexTipEvents: fc.constantFrom(10, 3, 1),
      epochVersion: fc.constantFrom(5_000, 5, 2),
    }),
    degreeOfParallelism: fc.integer({ min: 1, max: 3 }),
    trouble: trouble(["crash", "delay"]),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "fault staleRead": 100, "epoch crossed": 100, "restart after a crash": 300, redelivery: 1000 },
  async run(stage, { history, lagMs, limits, degreeOfParallelism, trouble, tuning, time }) {
    const { world } = stage
    stage.conditions.lagMs = lagMs
    Object.assign(stage.tuning, limits)
    const load = { kind: "with-data", degreeOfParallelism } as const
    const endTrouble = troubling(stage, "consumer", trouble)
    indexing(stage, "indexer")
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], load, ...tuning, handler: takingTime(self, time) }),
    )
    await world.process("writer", writing(stage, history)).ended
    endTrouble()
    await rest(stage, [consumer])
  },
})
