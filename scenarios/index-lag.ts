import type { Scenario } from "../properties/scenario.js"
import { trouble } from "../properties/trouble.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { indexing } from "./indexing.js"
import { rest } from "./rest.js"
import { drawTuning } from "./tuning.js"

const category = "parcel"

/** What it missed is in the table's stream, whose shards may have been divided meanwhile. */
export const indexLag: Scenario = {
  name: "index-lag",
  title: "The indexer starts late and pauses: consumers wait for the index, and get everything when it catches up",
  store: "dynamo-store",
  async run(stage) {
    const { world, conditions } = stage
    const { clock, random } = world
    const history = drawHistory(random, { categories: [category], streams: [1, 6], appends: [5, 25], pauseMs: 20 })
    const pauses = Array.from({ length: random.integer(0, 3) }, () => random.integer(0, 400))
    conditions.streamLagMs = random.pick([0, 20, 300])
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)

    const writer = world.process("writer", writing(stage, history))
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const endTrouble = trouble(stage, "consumer", ["crash", "delay"])
    await clock.sleep(random.integer(0, 500))
    const indexer = indexing(stage, "indexer")
    for (const pauseMs of pauses) {
      await clock.sleep(random.integer(0, 120))
      if (random.chance(0.5)) indexer.crash()
      else indexer.stop()
      await indexer.ended
      await clock.sleep(pauseMs)
      if (random.chance(0.5)) stage.reshard()
      indexer.restart()
      if (random.chance(0.3)) stage.reshard()
    }
    await writer.ended
    endTrouble()
    await rest(stage, [consumer])
  },
}
