import { StreamResult } from "../engine/stream-result.js"
import type { Scenario } from "../properties/scenario.js"
import type { Handler, Stage } from "../properties/stage.js"
import type { ProcessContext } from "../sim/world.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { rest } from "./rest.js"
import { allTrouble, trouble } from "../properties/trouble.js"
import { drawTuning } from "./tuning.js"

const category = "booking"

/**
 * Reads its stream afresh in every call and answers how far the stream had come: often further than the events that it
 * was called with, so that later pages bring nothing new for it. A replica that lags now and then makes the answer an
 * older one, which says nothing about the events at hand.
 */
function managing(stage: Stage, self: ProcessContext, staleRate: number): Handler {
  return async (stream, events) => {
    const version = await stage.streamVersion(self, stream)
    if (self.random.chance(staleRate)) return StreamResult.OverrideNextIndex(events[0]!.index)
    return StreamResult.OverrideNextIndex(version)
  }
}

export const processManager: Scenario = {
  name: "process-manager",
  title: "A process manager reads the stream it reacts to and answers how far it came, sometimes from a stale replica",
  store: "any",
  async run(stage) {
    const { random } = stage.world
    const history = drawHistory(random, { categories: [category], streams: [2, 5], appends: [4, 20], pauseMs: 10 })
    const tuning = drawTuning(random)
    const staleRate = random.pick([0, 0.1, 0.5])

    const endTrouble = trouble(stage, "consumer", allTrouble)
    const consumer = stage.world.process("consumer", (self) => {
      const handler = managing(stage, self, staleRate)
      return host(stage, self, { group: "reactor", categories: [category], ...tuning, handler })
    })
    await stage.world.process("writer", writing(stage, history)).ended
    endTrouble()
    await rest(stage, [consumer])
  },
}
