import fc from "fast-check"
import { StreamResult } from "../engine/stream-result.js"
import { onAnyStore } from "../properties/scenario.js"
import type { Handler, Stage } from "../properties/stage.js"
import type { ProcessContext } from "../sim/world.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { trouble, troubling } from "../properties/trouble.js"
import { tuning } from "../properties/deployment/tuning.js"

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

export const processManager = onAnyStore({
  name: "process-manager",
  title: "A process manager reads the stream it reacts to and answers how far it came, sometimes from a stale replica",
  setup: fc.record({
    history: history({ categories: [category], streams: [2, 5], appends: 20, pauseMs: 10 }),
    staleRate: fc.constantFrom(0, 0.1, 0.5),
    trouble: trouble(),
    tuning,
  }),
  sometimes: { override: 100, "override ahead": 100, "batch waits for an older one": 300, redelivery: 1000 },
  async run(stage, { history, staleRate, trouble, tuning }) {
    const endTrouble = troubling(stage, "consumer", trouble)
    const consumer = stage.world.process("consumer", (self) => {
      const handler = managing(stage, self, staleRate)
      return host(stage, self, { group: "reactor", categories: [category], ...tuning, handler })
    })
    await stage.world.process("writer", writing(stage, history)).ended
    endTrouble()
    await rest(stage, [consumer])
  },
})
