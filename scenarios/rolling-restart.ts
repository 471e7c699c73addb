import fc from "fast-check"
import { onAnyStore } from "../properties/scenario.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { trouble, troubling } from "../properties/trouble.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "account"

/**
 * For a while two instances read everything and keep their progress under one key. Events may be handled twice then,
 * which is what at-least-once means; the slower instance must not wind back the faster one's checkpoint.
 */
export const rollingRestart = onAnyStore({
  name: "rolling-restart",
  title: "A second instance of a consumer starts while the first still runs, as in a rolling restart",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 20, pauseMs: 20 }),
    older: fc.record({ tuning, time: handlingTime }),
    newer: fc.record({ tuning, time: handlingTime }),
    slow: fc.constantFrom("newer", "older"),
    newerAfterMs: fc.nat(100),
    bothForMs: fc.nat(150),
    olderCrashes: fc.boolean(),
    trouble: trouble(["delay"]),
  }),
  sometimes: {
    "two instances": 100,
    "redelivery by two": 200,
    zombie: 200,
    "processes at once": 300,
    "checkpoint outrun": 1000,
    "crash in a call": 1000,
  },
  breaks: ["A5"],
  async run(stage, { history, older: old, newer: young, slow, newerAfterMs, bothForMs, olderCrashes, trouble }) {
    const { world } = stage
    const instance = (name: string, { tuning, time }: typeof old, isSlow: boolean) =>
      world.process(name, (self) => {
        const handler = takingTime(self, isSlow ? { mostMs: 30 } : time)
        return host(stage, self, { group: "reactor", categories: [category], ...tuning, handler })
      })

    const endTrouble = troubling(stage, "old-instance", trouble)
    const older = instance("old-instance", old, slow === "older")
    const writer = world.process("writer", writing(stage, history))
    await world.clock.sleep(newerAfterMs)
    const newer = instance("new-instance", young, slow === "newer")
    await world.clock.sleep(bothForMs)
    if (olderCrashes) older.crash()
    else older.stop()
    await Promise.all([older.ended, writer.ended])
    endTrouble()
    await rest(stage, [newer])
  },
})
