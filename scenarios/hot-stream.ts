import fc from "fast-check"
import { StreamName } from "../engine/stream-name.js"
import { onAnyStore } from "../properties/scenario.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { trouble, troubling } from "../properties/trouble.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "device"
const hotAppend = fc.record({
  stream: fc.constant(StreamName.create(category, "hot")),
  count: fc.integer({ min: 1, max: 4 }),
  afterMs: fc.nat(8),
})

export const hotStream = onAnyStore({
  name: "hot-stream",
  title: "One hot stream among many quiet ones: it is handled in order and does not keep the others from their turn",
  setup: fc.record({
    quiet: history({ categories: [category], streams: [5, 20], appends: 15, pauseMs: 20 }),
    hot: fc.array(hotAppend, { minLength: 1, maxLength: 25, size: "max" }),
    trouble: trouble(),
    tuning,
    time: handlingTime,
  }),
  sometimes: {
    "calls at once": 100,
    "read-ahead full": 100,
    "several pages": 300,
    "batch waits for an older one": 300,
  },
  async run(stage, { quiet, hot, trouble, tuning, time }) {
    const endTrouble = troubling(stage, "consumer", trouble)
    const consumer = stage.world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const writers = [
      stage.world.process("hot-writer", writing(stage, hot)),
      stage.world.process("quiet-writer", writing(stage, quiet)),
    ]
    await Promise.all(writers.map((writer) => writer.ended))
    endTrouble()
    await rest(stage, [consumer])
  },
})
