import fc from "fast-check"
import { onAnyStore } from "../properties/scenario.js"
import { trouble, troubling } from "../properties/trouble.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "account"

/**
 * What a suspended machine does: whoever watches over it takes it for dead and starts a successor; then it wakes, knows of
 * nothing, and goes on with what it had in hand, its checkpoints included.
 */
export const zombie = onAnyStore({
  name: "zombie",
  title:
    "A consumer is suspended, a successor is started in its place, and then it wakes: the position never goes back",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 20, pauseMs: 20 }),
    suspendedAfterMs: fc.nat(150),
    successorAfterMs: fc.nat(40),
    wakesAfterMs: fc.nat(200),
    bothForMs: fc.nat(150),
    trouble: trouble(["delay", "lost reply", "clock", "checkpoint"]),
    tuning,
    time: handlingTime,
  }),
  sometimes: {
    "fault pause": 100,
    "two instances": 100,
    zombie: 100,
    "redelivery by two": 100,
    "checkpoint outrun": 300,
    "processes at once": 500,
  },
  breaks: ["A5"],
  async run(stage, { history, suspendedAfterMs, successorAfterMs, wakesAfterMs, bothForMs, trouble, tuning, time }) {
    const { world } = stage
    const instance = (name: string) =>
      world.process(name, (self) =>
        host(stage, self, { group: "reactor", categories: [category], ...tuning, handler: takingTime(self, time) }),
      )

    const endTrouble = troubling(stage, "suspended", trouble)
    const suspended = instance("suspended")
    const writer = world.process("writer", writing(stage, history))
    await world.clock.sleep(suspendedAfterMs)
    suspended.pause()
    await world.clock.sleep(successorAfterMs)
    const successor = instance("successor")
    await world.clock.sleep(wakesAfterMs)
    suspended.resume()
    await world.clock.sleep(bothForMs)
    suspended.stop()
    await Promise.all([suspended.ended, writer.ended])
    endTrouble()
    await rest(stage, [successor])
  },
})
