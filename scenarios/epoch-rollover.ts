import fc from "fast-check"
import { onDynamoStore } from "../properties/scenario.js"
import { trouble, troubling } from "../properties/trouble.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { indexing } from "./indexing.js"
import { rest } from "../properties/deployment/rest.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "order"

/** Epochs of one to a few entries: readers cross from one to the next all the time, in the middle of pages and streams. */
export const epochRollover = onDynamoStore({
  name: "epoch-rollover",
  title: "Epochs of the index close after a few entries while events keep coming: readers cross each border whole",
  setup: fc.record({
    histories: fc.constantFrom(2, 15).chain((pauseMs) => {
      const bounds = { streams: [1, 8], appends: 25, pauseMs } as const
      return fc.tuple(
        history({ ...bounds, categories: [category] }),
        history({ ...bounds, categories: [category, "other"] }),
      )
    }),
    epochVersion: fc.constantFrom(1, 2, 3),
    epochStreams: fc.constantFrom(100_000, 2, 1),
    indexerTrouble: trouble(),
    consumerTrouble: trouble(),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "epoch crossed": 100, "page without events": 200, "restart after a crash": 300, redelivery: 1000 },
  async run(stage, { histories, epochVersion, epochStreams, indexerTrouble, consumerTrouble, tuning, time }) {
    const { world } = stage
    Object.assign(stage.tuning, { epochVersion, epochStreams })
    const ends = [troubling(stage, "indexer", indexerTrouble), troubling(stage, "consumer", consumerTrouble)]
    indexing(stage, "indexer")
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const writers = histories.map((history, n) => world.process(`writer-${n}`, writing(stage, history)))
    await Promise.all(writers.map((writer) => writer.ended))
    for (const end of ends) end()
    await rest(stage, [consumer])
  },
})
