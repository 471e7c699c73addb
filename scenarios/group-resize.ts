import type { MessageDbStage } from "../properties/message-db-stage.js"
import type { Scenario } from "../properties/scenario.js"
import { drawHandlingTime, takingTime } from "./handling-time.js"
import { drawHistory, writing } from "./history.js"
import { host } from "./host.js"
import { rest } from "./rest.js"
import { stopAll } from "./stop-all.js"
import { trouble } from "../properties/trouble.js"
import { drawTuning } from "./tuning.js"

const category = "order"
const group = "reactor"

/**
 * Another size moves streams to other members, whose checkpoints know nothing of them. So all members are stopped,
 * the checkpoints moved to the lowest one, and the members of the new size started. The writer never stops.
 */
export const groupResize: Scenario = {
  name: "group-resize",
  title: "A consumer group grows and shrinks while events go on arriving",
  store: "message-db",
  async run(stage) {
    const { world } = stage
    const { clock, random } = world
    const history = drawHistory(random, { categories: [category], streams: [3, 12], appends: [8, 25], pauseMs: 25 })
    const laterSizes = random.pick([[2], [4], [2, 4], [1, 5]])
    const tuning = drawTuning(random)
    const time = drawHandlingTime(random)
    const start = (size: number) =>
      Array.from({ length: size }, (_, member) =>
        world.process(`member-${member}-of-${size}`, (self) =>
          host(stage, self, {
            group,
            categories: [category],
            member,
            size,
            ...tuning,
            handler: takingTime(self, time),
          }),
        ),
      )

    const writer = world.process("writer", writing(stage, history))
    let size = 3
    let members = start(size)
    for (const next of laterSizes) {
      const endTrouble = trouble(stage, `member-0-of-${size}`, ["crash", "delay"])
      await clock.sleep(random.integer(0, 120))
      endTrouble()
      await stopAll(members)
      await resize(stage, size, next)
      size = next
      members = start(size)
    }
    await writer.ended
    await rest(stage, members)
  },
}

/** @throws what the resizing throws, so that a run in which it is refused does not pass for a good one. */
async function resize(stage: MessageDbStage, from: number, to: number): Promise<void> {
  const operator = stage.world.process(`operator-${from}-to-${to}`, (self) => stage.resize(self, group, from, to))
  const ending = await operator.ended
  if (ending.kind === "failed") throw ending.error
}
