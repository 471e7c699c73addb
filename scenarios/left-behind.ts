import fc from "fast-check"
import { Flaky } from "../properties/deployment/flaky.js"
import { takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { stoppedAndStarted } from "../properties/deployment/stopped-and-started.js"
import { tuning } from "../properties/deployment/tuning.js"
import { onAnyStore } from "../properties/scenario.js"

const category = "shipment"

/** After a failure the host begins the next run in the same process, where the calls of the one before may still go on. */
export const leftBehind = onAnyStore({
  name: "left-behind",
  title: "Calls take longer than a failure or a stop waits for them: what they still answer counts for nobody",
  setup: fc.record({
    history: history({ categories: [category], streams: [2, 6], appends: 20, pauseMs: 15 }),
    failures: fc.integer({ min: 0, max: 4 }),
    failureRate: fc.constantFrom(0.3, 0.1),
    stops: fc.array(fc.record({ afterMs: fc.nat(120), pauseMs: fc.nat(20) }), { maxLength: 2 }),
    drainTimeoutMs: fc.constantFrom(0, 5, 20),
    tuning: tuning.map((drawn) => ({ ...drawn, maxConcurrentStreams: 10 })),
    time: fc.record({ mostMs: fc.constantFrom(50, 100) }),
  }),
  sometimes: { "call left behind": 100, "restart after a failure": 100, redelivery: 100 },
  async run(stage, { history, failures, failureRate, stops, drainTimeoutMs, tuning, time }) {
    const flaky = new Flaky(failures, failureRate)
    const consumer = stage.world.process("consumer", (self) => {
      const handler = flaky.handler(self, takingTime(self, time))
      return host(stage, self, { group: "reactor", categories: [category], ...tuning, drainTimeoutMs, handler })
    })
    const writer = stage.world.process("writer", writing(stage, history))
    await stoppedAndStarted(stage.world.clock, consumer, stops)
    await writer.ended
    await rest(stage, [consumer])
  },
})
