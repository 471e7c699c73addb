import type { Scenario } from "../properties/scenario.js"
import { trouble } from "../properties/trouble.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { indexing } from "./indexing.js"
import { rest } from "./rest.js"
import { drawTuning } from "./tuning.js"

const category = "ledger"

/**
 * Tips of one or two events: nearly every append moves the Tip's events into a calf, in a transaction that meets those of
 * the other writers.
 */
export const calving: Scenario = {
  name: "calving",
  title: "Several writers append to the same streams, whose Tips are tiny: every event is written once, in its place",
  store: "dynamo-store",
  async run(stage) {
    const { world, tuning: limits, conditions } = stage
    const { random } = world
    limits.tipEvents = random.pick([1, 2])
    conditions.transactionMs = random.pick([0, 5, 30])
    const bounds = {
      categories: [category],
      streams: [1, 3],
      appends: [4, 12],
      pauseMs: random.pick([0, 5, 20]),
    } as const
    const histories = Array.from({ length: random.integer(2, 4) }, () => drawHistory(random, bounds))
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)

    indexing(stage, "indexer")
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const names = histories.map((_, n) => `writer-${n}`)
    const ends = names.map((name) => trouble(stage, name, ["lost request", "lost reply", "delay"]))
    const writers = names.map((name, n) => world.process(name, writing(stage, histories[n]!)))
    await Promise.all(writers.map((writer) => writer.ended))
    for (const end of ends) end()
    await rest(stage, [consumer])
  },
}
