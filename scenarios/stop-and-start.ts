import fc from "fast-check"
import { onAnyStore } from "../properties/scenario.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { stoppedAndStarted } from "../properties/deployment/stopped-and-started.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "account"

export const stopAndStart = onAnyStore({
  name: "stop-and-start",
  title: "A consumer is asked to stop at any moment and started again: it drains, and goes on where it was",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 20, pauseMs: 20 }),
    stops: fc.array(fc.record({ afterMs: fc.nat(80), pauseMs: fc.nat(20) }), { maxLength: 4, size: "max" }),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "restart after a stop": 100, "stop in a call": 1000 },
  async run(stage, { history, stops, tuning, time }) {
    const consumer = stage.world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const writer = stage.world.process("writer", writing(stage, history))
    await stoppedAndStarted(stage.world.clock, consumer, stops)
    await writer.ended
    await rest(stage, [consumer])
  },
})
