import fc from "fast-check"
import { onMessageDb } from "../properties/scenario.js"
import { trouble, troubling } from "../properties/trouble.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "stock"

/** On the fake; on a real store without a standby the consumer reads from where it writes. */
export const laggingStandby = onMessageDb({
  name: "lagging-standby",
  title: "A consumer reads from a standby that lags, and keeps its checkpoints on the primary: nothing is skipped",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 25, pauseMs: 15 }),
    standbyLagMs: fc.constantFrom(0, 30, 300, 3_000),
    trouble: trouble(["crash", "delay", "pause", "store"]),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "fault staleRead": 100, "restart after a crash": 300 },
  async run(stage, { history, standbyLagMs, trouble, tuning, time }) {
    const { world } = stage
    stage.conditions.standbyLagMs = standbyLagMs
    const endTrouble = troubling(stage, "consumer", trouble)
    const consumer = world.process("consumer", (self) => {
      const options = { group: "reactor", categories: [category], readsFrom: "standby", ...tuning } as const
      return host(stage, self, { ...options, handler: takingTime(self, time) })
    })
    await world.process("writer", writing(stage, history)).ended
    endTrouble()
    await rest(stage, [consumer])
  },
})
