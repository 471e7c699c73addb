import fc from "fast-check"
import { onDynamoStore } from "../properties/scenario.js"
import { trouble, troubling } from "../properties/trouble.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { indexing } from "./indexing.js"
import { rest } from "../properties/deployment/rest.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "meter"

/** Nobody dies of it: sources read again, indexers and writers try again, and a checkpoint that failed is written later. */
export const throttling = onDynamoStore({
  name: "throttling",
  title: "The service throttles a share of all requests for a while: everybody tries again, and nothing is lost",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 20, pauseMs: 20 }),
    throttled: fc.array(
      fc.record({ rate: fc.constantFrom(0, 0.05, 0.3, 0.6), forMs: fc.integer({ min: 20, max: 200 }) }),
      {
        maxLength: 4,
        size: "max",
      },
    ),
    trouble: trouble(["crash", "delay"]),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "fault throttled": 200, "restart after a failure": 300, "checkpoint failed": 1000 },
  async run(stage, { history, throttled, trouble, tuning, time }) {
    const { world } = stage
    const endTrouble = troubling(stage, "consumer", trouble)
    indexing(stage, "indexer")
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const writer = world.process("writer", writing(stage, history))
    for (const { rate, forMs } of throttled) {
      const endThrottling = world.fault({ failures: { throttled: rate } })
      await world.clock.sleep(forMs)
      endThrottling()
    }
    await writer.ended
    endTrouble()
    await rest(stage, [consumer])
  },
})
