import fc from "fast-check"
import { onAnyStore } from "../properties/scenario.js"
import { Flaky } from "../properties/deployment/flaky.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { trouble, troubling } from "../properties/trouble.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "payment"

export const failingHandler = onAnyStore({
  name: "failing-handler",
  title: "A handler that fails now and then: its host starts the consumer again, and no event is passed over",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 20, pauseMs: 15 }),
    failures: fc.integer({ min: 0, max: 6 }),
    failureRate: fc.constantFrom(1, 0.3, 0.1),
    trouble: trouble(["crash", "delay"]),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "handler failed": 100, "restart after a failure": 100, redelivery: 100 },
  async run(stage, { history, failures, failureRate, trouble, tuning, time }) {
    const flaky = new Flaky(failures, failureRate)
    const endTrouble = troubling(stage, "consumer", trouble)
    const consumer = stage.world.process("consumer", (self) => {
      const handler = flaky.handler(self, takingTime(self, time))
      return host(stage, self, { group: "reactor", categories: [category], ...tuning, handler })
    })
    await stage.world.process("writer", writing(stage, history)).ended
    endTrouble()
    await rest(stage, [consumer])
  },
})
