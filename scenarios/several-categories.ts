import fc from "fast-check"
import { onAnyStore } from "../properties/scenario.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { trouble, troubling } from "../properties/trouble.js"
import { tuning } from "../properties/deployment/tuning.js"

const all = ["account", "account:command", "invoice", "shipment"]

export const severalCategories = onAnyStore({
  name: "several-categories",
  title: "One consumer reads several categories into one sink, and crashes now and then",
  setup: fc.record({
    feed: fc.constantFrom(2, 3, 4).chain((size) => {
      const categories = all.slice(0, size)
      const written = history({ categories, streams: [1, 3], appends: 24, pauseMs: 15 })
      return fc.record({ categories: fc.constant(categories), history: written })
    }),
    trouble: trouble(),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "calls at once": 100, "page during a call": 300, "restart after a crash": 300, redelivery: 1000 },
  async run(stage, { feed: { categories, history }, trouble, tuning, time }) {
    const endTrouble = troubling(stage, "consumer", trouble)
    const consumer = stage.world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories, ...tuning, handler: takingTime(self, time) }),
    )
    await stage.world.process("writer", writing(stage, history)).ended
    endTrouble()
    await rest(stage, [consumer])
  },
})
