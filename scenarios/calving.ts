import fc from "fast-check"
import { onDynamoStore } from "../properties/scenario.js"
import { trouble, troubling } from "../properties/trouble.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { indexing } from "./indexing.js"
import { rest } from "../properties/deployment/rest.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "ledger"

/**
 * Tips of one or two events: nearly every append moves the Tip's events into a calf, in a transaction that meets those of
 * the other writers.
 */
export const calving = onDynamoStore({
  name: "calving",
  title: "Several writers append to the same streams, whose Tips are tiny: every event is written once, in its place",
  setup: fc.record({
    writers: fc.constantFrom(0, 5, 20).chain((pauseMs) => {
      const written = history({ categories: [category], streams: [1, 3], appends: 12, pauseMs })
      const kinds = ["lost request", "lost reply", "delay"] as const
      return fc.array(fc.record({ history: written, trouble: trouble(kinds) }), { minLength: 2, maxLength: 4 })
    }),
    tipEvents: fc.constantFrom(1, 2),
    transactionMs: fc.constantFrom(0, 5, 30),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "fault requestLost": 300, "fault replyLost": 300, "calls at once": 100 },
  async run(stage, { writers: given, tipEvents, transactionMs, tuning, time }) {
    const { world } = stage
    stage.tuning.tipEvents = tipEvents
    stage.conditions.transactionMs = transactionMs

    indexing(stage, "indexer")
    const consumer = world.process("consumer", (self) =>
      host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
    )
    const ends = given.map(({ trouble }, n) => troubling(stage, `writer-${n}`, trouble))
    const writers = given.map(({ history }, n) => world.process(`writer-${n}`, writing(stage, history)))
    await Promise.all(writers.map((writer) => writer.ended))
    for (const end of ends) end()
    await rest(stage, [consumer])
  },
})
