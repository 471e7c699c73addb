import fc from "fast-check"
import { onDynamoStore } from "../properties/scenario.js"
import { trouble, troubling } from "../properties/trouble.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { indexing } from "./indexing.js"
import { rest } from "../properties/deployment/rest.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "parcel"

/** A time without an indexer. */
const pause = fc.record({
  afterMs: fc.nat(120),
  how: fc.constantFrom("stop", "crash"),
  forMs: fc.nat(400),
  reshard: fc.constantFrom("no", "before the restart", "after the restart"),
})

/** What it missed is in the table's stream, whose shards may have been divided meanwhile. */
export const indexLag = onDynamoStore({
  name: "index-lag",
  title: "The indexer starts late and pauses: consumers wait for the index, and get everything when it catches up",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 25, pauseMs: 20 }),
    indexerAfterMs: fc.nat(500),
    pauses: fc.array(pause, { maxLength: 3, size: "max" }),
    streamLagMs: fc.constantFrom(0, 20, 300),
    trouble: trouble(["crash", "delay"]),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "fault crash": 100, "fault staleRead": 100, "restart after a crash": 200, redelivery: 1000 },
  async run(stage, { history, indexerAfterMs, pauses, streamLagMs, trouble, tuning, time }) {
    const { world } = stage
    const { clock } = world
    stage.conditions.streamLagMs = streamLagMs
    const writer = world.process("writer", writing(stage, history))
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const endTrouble = troubling(stage, "consumer", trouble)
    await clock.sleep(indexerAfterMs)
    const indexer = indexing(stage, "indexer")
    for (const { afterMs, how, forMs, reshard } of pauses) {
      await clock.sleep(afterMs)
      if (how === "crash") indexer.crash()
      else indexer.stop()
      await indexer.ended
      await clock.sleep(forMs)
      if (reshard === "before the restart") stage.reshard()
      indexer.restart()
      if (reshard === "after the restart") stage.reshard()
    }
    await writer.ended
    endTrouble()
    await rest(stage, [consumer])
  },
})
