import fc from "fast-check"
import { onAnyStore } from "../properties/scenario.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "account"
const bounds = { categories: [category], streams: [1, 6], appends: 12 } as const

export const oneConsumer = onAnyStore({
  name: "one-consumer",
  title: "One consumer catches up with what was written before it started, and tails what comes then",
  setup: fc.record({
    before: history({ ...bounds, pauseMs: 0 }),
    after: fc.constantFrom(0, 15, 60).chain((pauseMs) => history({ ...bounds, pauseMs })),
    tuning,
    time: handlingTime,
  }),
  sometimes: {
    "calls at once": 100,
    "read-ahead full": 100,
    "page during a call": 300,
    "batch waits for an older one": 500,
    "several pages": 500,
  },
  async run(stage, { before, after, tuning, time }) {
    await stage.world.process("early-writer", writing(stage, before)).ended
    const consumer = stage.world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    await stage.world.process("late-writer", writing(stage, after)).ended
    await rest(stage, [consumer])
  },
})
