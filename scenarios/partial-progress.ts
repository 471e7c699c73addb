import fc from "fast-check"
import { StreamResult } from "../engine/stream-result.js"
import { onAnyStore } from "../properties/scenario.js"
import type { Handler } from "../properties/stage.js"
import type { ProcessContext } from "../sim/world.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { trouble, troubling } from "../properties/trouble.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "import"

/** Does as much of a span as it likes: nothing, the first few events, or all of them. */
function inParts(self: ProcessContext, work: Handler, wholeRate: number): Handler {
  return async (stream, events) => {
    await work(stream, events)
    if (self.random.chance(wholeRate)) return StreamResult.AllProcessed
    const count = self.random.integer(0, events.length)
    return count === 0 ? StreamResult.NoneProcessed : StreamResult.PartiallyProcessed(count)
  }
}

export const partialProgress = onAnyStore({
  name: "partial-progress",
  title: "A handler that takes part of what it is given, or nothing, and is called again for the rest",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 20, pauseMs: 15 }),
    wholeRate: fc.constantFrom(0.9, 0.5, 0.2),
    trouble: trouble(),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "partial result": 100, "no progress": 100, "several pages": 300, "batch waits for an older one": 300 },
  async run(stage, { history, wholeRate, trouble, tuning, time }) {
    const endTrouble = troubling(stage, "consumer", trouble)
    const consumer = stage.world.process("consumer", (self) => {
      const handler = inParts(self, takingTime(self, time), wholeRate)
      return host(stage, self, { group: "reactor", categories: [category], ...tuning, handler })
    })
    await stage.world.process("writer", writing(stage, history)).ended
    endTrouble()
    await rest(stage, [consumer])
  },
})
