import fc from "fast-check"
import { onAnyStore } from "../properties/scenario.js"
import { crashOnce, crashWithin } from "../properties/deployment/crash-once.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { trouble, troubling } from "../properties/trouble.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "account"

export const crashAndRestart = onAnyStore({
  name: "crash-and-restart",
  title: "A consumer crashes at any point, loses requests and replies, and is started again: nothing is lost",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 20, pauseMs: 20 }),
    crash: crashWithin(150),
    trouble: trouble(),
    calmAfterMs: fc.nat(200),
    tuning,
    time: handlingTime,
  }),
  sometimes: {
    "restart after a crash": 100,
    redelivery: 300,
    "crash before a checkpoint": 500,
    "crash in a call": 1000,
    "restart after a failure": 1000,
  },
  async run(stage, { history, crash, trouble, calmAfterMs, tuning, time }) {
    const endTrouble = troubling(stage, "consumer", trouble)
    const consumer = stage.world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const crashed = crashOnce(stage.world, consumer, crash)
    await stage.world.process("writer", writing(stage, history)).ended
    await crashed
    await stage.world.clock.sleep(calmAfterMs)
    endTrouble()
    await rest(stage, [consumer])
  },
})
