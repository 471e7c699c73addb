import fc from "fast-check"
import { onDynamoStore } from "../properties/scenario.js"
import { trouble, troubling } from "../properties/trouble.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { indexing } from "./indexing.js"
import { rest } from "../properties/deployment/rest.js"
import { stoppedAndStarted } from "../properties/deployment/stopped-and-started.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "invoice"

const stop = fc.record({ afterMs: fc.nat(80), pauseMs: fc.integer({ min: 1, max: 60 }) })

/** What it has not stored when it ends, for good or for a moment, comes again; what it has stored must be in the index. */
export const indexerRestarts = onDynamoStore({
  name: "indexer-restarts",
  title: "An indexer that keeps its place in the stream is stopped, killed and started again",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 25, pauseMs: 15 }),
    placeIntervalMs: fc.constantFrom(1, 20, 100),
    stops: fc.array(stop, { minLength: 1, maxLength: 3 }),
    trouble: trouble(),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "fault crash": 100, "epoch crossed": 300 },
  async run(stage, { history, placeIntervalMs, stops, trouble, tuning, time }) {
    const { world } = stage
    stage.tuning.placeIntervalMs = placeIntervalMs
    const endTrouble = troubling(stage, "indexer", trouble)
    const indexer = indexing(stage, "indexer")
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const writer = world.process("writer", writing(stage, history))
    await stoppedAndStarted(world.clock, indexer, stops)
    await writer.ended
    endTrouble()
    await rest(stage, [consumer])
  },
})
