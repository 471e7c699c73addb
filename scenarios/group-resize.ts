import fc from "fast-check"
import type { MessageDbStage } from "../properties/message-db-stage.js"
import { onMessageDb } from "../properties/scenario.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { stopAll } from "../properties/deployment/stop-all.js"
import { trouble, troubling } from "../properties/trouble.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "order"
const group = "reactor"

/** One resize, and the trouble before it. */
const resizing = (to: number) =>
  fc.record({ to: fc.constant(to), afterMs: fc.nat(120), trouble: trouble(["crash", "delay"]) })

/**
 * Another size moves streams to other members, whose checkpoints know nothing of them. So all members are stopped,
 * the checkpoints moved to the lowest one, and the members of the new size started. The writer never stops.
 */
export const groupResize = onMessageDb({
  name: "group-resize",
  title: "A consumer group grows and shrinks while events go on arriving",
  setup: fc.record({
    history: history({ categories: [category], streams: [3, 12], appends: 25, pauseMs: 25 }),
    resizes: fc.constantFrom([2], [4], [2, 4], [1, 5]).chain((sizes) => fc.tuple(...sizes.map(resizing))),
    tuning,
    time: handlingTime,
  }),
  sometimes: {
    resize: 100,
    "position moved": 100,
    "group of 1": 300,
    "group of 5": 300,
    "processes at once": 200,
    redelivery: 200,
    "stop in a call": 500,
  },
  async run(stage, { history, resizes, tuning, time }) {
    const { world } = stage
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
    for (const { to, afterMs, trouble } of resizes) {
      const endTrouble = troubling(stage, `member-0-of-${size}`, trouble)
      await world.clock.sleep(afterMs)
      endTrouble()
      await stopAll(members)
      await resize(stage, size, to)
      size = to
      members = start(size)
    }
    await writer.ended
    await rest(stage, members)
  },
})

/** @throws what the resizing throws, so that a run in which it is refused does not pass for a good one. */
async function resize(stage: MessageDbStage, from: number, to: number): Promise<void> {
  const operator = stage.world.process(`operator-${from}-to-${to}`, (self) => stage.resize(self, group, from, to))
  const ending = await operator.ended
  if (ending.kind === "failed") throw ending.error
}
