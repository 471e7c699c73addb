import fc from "fast-check"
import { StreamResult } from "../../engine/stream-result.js"
import type { ProcessContext } from "../../sim/world.js"
import { handlingTime, takingTime } from "../deployment/handling-time.js"
import { history, writing } from "../deployment/history.js"
import { host } from "../deployment/host.js"
import { rest } from "../deployment/rest.js"
import { tuning } from "../deployment/tuning.js"
import type { Handler } from "../stage.js"
import { trouble, troubling } from "../trouble.js"
import type { StageOnAdapter } from "./stage-on-adapter.js"

const categories = ["account", "order"]

/** How a handler answers a call: that it is done, or now and then how far it came. */
const answering = fc.constantFrom("all", "some")

/** A sink that is fed from one or two tranches, by a handler that fails and does things in part, and that is stopped. */
export const sinkSetup = fc.record({
  categories: fc.constantFrom(1, 1, 2),
  before: history({ categories, streams: [1, 5], appends: 10, pauseMs: 0 }),
  after: history({ categories, streams: [1, 5], appends: 10, pauseMs: 15 }),
  tuning,
  time: handlingTime,
  answering,
  stops: fc.array(fc.record({ afterMs: fc.nat(60), pauseMs: fc.nat(20) }), { maxLength: 2 }),
  trouble: trouble(["crash", "pause", "delay", "handler", "feed"]),
  calmAfterMs: fc.nat(60),
})

type SinkSetup = typeof sinkSetup extends fc.Arbitrary<infer Setup> ? Setup : never

export async function sinkHistory(stage: StageOnAdapter, setup: SinkSetup): Promise<void> {
  const { before, after, tuning, time, stops, trouble, calmAfterMs } = setup
  const { world } = stage
  const read = categories.slice(0, setup.categories)
  const isPartial = setup.answering === "some" && stage.can("partial results")
  await stage.process("early-writer", writing(stage, before)).ended
  const endTrouble = troubling(stage, "consumer", trouble)
  const consumer = stage.process("consumer", (self) => {
    const done = takingTime(self, time)
    return host(stage, self, {
      group: "reactor",
      categories: read,
      ...tuning,
      handler: isPartial ? inPart(self, done) : done,
    })
  })
  const writer = stage.process("writer", writing(stage, after))
  for (const { afterMs, pauseMs } of stops) {
    await world.clock.sleep(afterMs)
    consumer.stop()
    await consumer.ended
    await world.clock.sleep(pauseMs)
    if (consumer.state !== "running") consumer.restart()
  }
  await writer.ended
  await world.clock.sleep(calmAfterMs)
  endTrouble()
  await rest(stage, [consumer])
}

/** A handler that answers every other call with how far it came: not at all, in part, or to the end. */
const inPart =
  (self: ProcessContext, handler: Handler): Handler =>
  async (stream, events) => {
    await handler(stream, events)
    switch (self.random.integer(0, 5)) {
      case 0:
        return StreamResult.NoneProcessed
      case 1:
        return StreamResult.PartiallyProcessed(self.random.integer(0, events.length))
      case 2:
        return StreamResult.OverrideNextIndex(events.at(-1)!.index + 1n)
      default:
        return StreamResult.AllProcessed
    }
  }
