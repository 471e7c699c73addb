import fc from "fast-check"
import { onMessageDb } from "../properties/scenario.js"
import type { Process } from "../sim/world.js"
import { crashOnce, crashWithin } from "../properties/deployment/crash-once.js"
import { takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { trouble, troubling } from "../properties/trouble.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "order"
const size = 3

export const consumerGroup = onMessageDb({
  name: "consumer-group",
  title: "A consumer group of three, each member at its own speed, one of them crashing",
  setup: fc.record({
    history: history({ categories: [category], streams: [3, 12], appends: 25, pauseMs: 15 }),
    speeds: fc.shuffledSubarray([0, 5, 30], { minLength: size }),
    victim: fc.nat(size - 1),
    crash: crashWithin(150),
    trouble: trouble(),
    calmAfterMs: fc.nat(100),
    tuning,
  }),
  sometimes: {
    "group of 3": 100,
    "processes at once": 100,
    "restart after a crash": 100,
    redelivery: 300,
    "crash before a checkpoint": 300,
  },
  async run(stage, { history, speeds, victim, crash, trouble, calmAfterMs, tuning }) {
    const { world } = stage
    const endTrouble = troubling(stage, `member-${victim}`, trouble)
    const members = speeds.map((mostMs, member) =>
      world.process(`member-${member}`, (self) => {
        const handler = takingTime(self, { mostMs })
        return host(stage, self, { group: "reactor", categories: [category], member, size, ...tuning, handler })
      }),
    )
    const crashed = crashOnce(world, members[victim] as Process, crash)
    await world.process("writer", writing(stage, history)).ended
    await crashed
    await world.clock.sleep(calmAfterMs)
    endTrouble()
    await rest(stage, members)
  },
})
