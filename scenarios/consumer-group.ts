import type { Scenario } from "../properties/scenario.js"
import type { Process } from "../sim/world.js"
import { crashOnce } from "./crash-once.js"
import { takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { rest } from "./rest.js"
import { allTrouble, trouble } from "../properties/trouble.js"
import { drawTuning } from "./tuning.js"

const category = "order"
const size = 3

export const consumerGroup: Scenario = {
  name: "consumer-group",
  title: "A consumer group of three, each member at its own speed, one of them crashing",
  store: "message-db",
  async run(stage) {
    const { world } = stage
    const { random } = world
    const history = drawHistory(random, { categories: [category], streams: [3, 12], appends: [5, 25], pauseMs: 15 })
    const tuning = drawTuning(random)
    const speeds = random.shuffle([0, 5, 30])

    const victim = random.integer(0, size - 1)
    const endTrouble = trouble(stage, `member-${victim}`, allTrouble)
    const members = speeds.map((mostMs, member) =>
      world.process(`member-${member}`, (self) => {
        const handler = takingTime(self, { mostMs })
        return host(stage, self, { group: "reactor", categories: [category], member, size, ...tuning, handler })
      }),
    )
    const crashed = crashOnce(world, members[victim] as Process, 150)
    await world.process("writer", writing(stage, history)).ended
    await crashed
    await world.clock.sleep(random.integer(0, 100))
    endTrouble()
    await rest(stage, members)
  },
}
