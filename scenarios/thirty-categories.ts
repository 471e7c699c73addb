import fc from "fast-check"
import { onAnyStore } from "../properties/scenario.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { trouble, troubling } from "../properties/trouble.js"

const categories = Array.from({ length: 30 }, (_, n) => `tenant${n}`)

/**
 * Every category loads its checkpoint and reads its pages for itself, and the store delays each answer differently: the
 * first category has calls running long before the last one starts.
 */
export const thirtyCategories = onAnyStore({
  name: "thirty-categories",
  title: "Thirty categories on one sink, whose checkpoints load at different speeds",
  setup: fc.record({
    history: history({ categories, streams: [1, 2], appends: 60, pauseMs: 2 }),
    delay: fc.record({ rate: fc.constantFrom(0.5, 1), mostMs: fc.constantFrom(10, 100) }),
    trouble: trouble(["crash"]),
    tuning: fc.record({
      batchSize: fc.constantFrom(1, 2, 10),
      maxConcurrentStreams: fc.constantFrom(1, 2, 5),
      maxReadAhead: fc.constantFrom(1, 2, 3),
      tailSleepIntervalMs: fc.integer({ min: 60, max: 150 }),
      checkpointIntervalMs: fc.integer({ min: 60, max: 150 }),
    }),
    time: handlingTime,
  }),
  sometimes: { "read-ahead full": 100, "calls at once": 200, "page during a call": 300, "restart after a crash": 500 },
  async run(stage, { history, delay, trouble, tuning, time }) {
    const { world } = stage
    world.fault({ process: "consumer", delay: { rate: delay.rate, ms: [0, delay.mostMs] } })
    const endTrouble = troubling(stage, "consumer", trouble)
    const writer = world.process("writer", writing(stage, history))
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories, ...tuning, handler: takingTime(self, time) }),
    )
    await writer.ended
    endTrouble()
    await rest(stage, [consumer])
  },
})
