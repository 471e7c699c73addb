import fc from "fast-check"
import { onDynamoStore } from "../properties/scenario.js"
import { trouble, troubling } from "../properties/trouble.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { indexing } from "./indexing.js"
import { rest } from "../properties/deployment/rest.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "invoice"

/** As after a deployment that did not stop the old one, or when the platform runs a handler twice. */
export const twoIndexers = onDynamoStore({
  name: "two-indexers",
  title: "Two indexers follow the same table and compete for every entry of the index",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 25, pauseMs: 15 }),
    epochVersion: fc.constantFrom(5_000, 20, 3, 1),
    troubles: fc.tuple(trouble(), trouble()),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "epoch crossed": 100, "fault crash": 100, "fault delay": 100 },
  async run(stage, { history, epochVersion, troubles, tuning, time }) {
    const { world } = stage
    stage.tuning.epochVersion = epochVersion
    const names = ["indexer-0", "indexer-1"] as const
    const ends = names.map((name, n) => troubling(stage, name, troubles[n]!))
    for (const name of names) indexing(stage, name)
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    await world.process("writer", writing(stage, history)).ended
    for (const end of ends) end()
    await rest(stage, [consumer])
  },
})
