import type { Scenario } from "../properties/scenario.js"
import { takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { rest } from "./rest.js"
import { trouble } from "../properties/trouble.js"
import { drawTuning } from "./tuning.js"

const category = "account"

/**
 * For a while two instances read everything and keep their progress under one key. Events may be handled twice then,
 * which is what at-least-once means; the slower instance must not wind back the faster one's checkpoint.
 */
export const rollingRestart: Scenario = {
  name: "rolling-restart",
  title: "A second instance of a consumer starts while the first still runs, as in a rolling restart",
  store: "any",
  async run(stage) {
    const { world } = stage
    const { clock, random } = world
    const history = drawHistory(random, { categories: [category], streams: [1, 6], appends: [3, 20], pauseMs: 20 })
    const instance = (name: string, mostMs: number) => {
      const tuning = drawTuning(random)
      return world.process(name, (self) => {
        const handler = takingTime(self, { mostMs })
        return host(stage, self, { group: "reactor", categories: [category], ...tuning, handler })
      })
    }

    const endTrouble = trouble(stage, "old-instance", ["delay"])
    const [oldSpeed = 0, newSpeed = 0] = random.shuffle([0, 30])
    const older = instance("old-instance", oldSpeed)
    const writer = world.process("writer", writing(stage, history))
    await clock.sleep(random.integer(0, 100))
    const newer = instance("new-instance", newSpeed)
    await clock.sleep(random.integer(0, 150))
    if (random.chance(0.5)) older.crash()
    else older.stop()
    await Promise.all([older.ended, writer.ended])
    endTrouble()
    await rest(stage, [newer])
  },
}
