import fc from "fast-check"
import { handlingTime, takingTime } from "../deployment/handling-time.js"
import { history, writing } from "../deployment/history.js"
import { host } from "../deployment/host.js"
import { rest } from "../deployment/rest.js"
import { tuning } from "../deployment/tuning.js"
import { trouble, troubling } from "../trouble.js"
import type { Adapter } from "./adapter.js"
import type { Order } from "./memory-events.js"
import { answering, answers } from "./sink-answers.js"
import type { StageOnAdapter } from "./stage-on-adapter.js"

const categories = ["account", "order"]

/**
 * A sink that is fed from one or two tranches, with a handler that fails and does things in part, and that is stopped. Now
 * and then the feed yields events too early, and the sink is to require complete streams.
 */
export const sinkSetup = fc.record({
  categories: fc.constantFrom(1, 1, 2),
  before: history({ categories, streams: [1, 5], appends: 10, pauseMs: 0 }),
  after: history({ categories, streams: [1, 5], appends: 10, pauseMs: 15 }),
  tuning,
  time: handlingTime,
  answers: fc.constantFrom(...answers),
  notYetMs: fc.nat(80),
  isComplete: fc.constantFrom(false, false, true),
  stops: fc.array(fc.record({ afterMs: fc.nat(60), pauseMs: fc.nat(20) }), { maxLength: 2 }),
  trouble: trouble(["crash", "pause", "delay", "handler", "feed"]),
  calmAfterMs: fc.nat(60),
})

type SinkSetup = typeof sinkSetup extends fc.Arbitrary<infer Setup> ? Setup : never

/** How the feed of a history is ordered. */
export const orderOf = ({ capabilities }: Pick<Adapter, "capabilities">, { isComplete }: SinkSetup): Order =>
  isComplete && capabilities.includes("complete streams") ? "late" : "as appended"

/** A window of less could be full of batches that wait for the first event of an append. */
const leastReadAhead = 4

/** @param order of the feed, see {@link orderOf}. */
export async function sinkHistory(stage: StageOnAdapter, setup: SinkSetup, order: Order): Promise<void> {
  const { before, after, tuning, time, notYetMs, stops, trouble, calmAfterMs } = setup
  const { world } = stage
  const read = categories.slice(0, setup.categories)
  const kind = stage.can("partial results") ? setup.answers : "all"
  const requireCompleteStreams = order === "late"
  const maxReadAhead = requireCompleteStreams ? Math.max(leastReadAhead, tuning.maxReadAhead) : tuning.maxReadAhead
  await stage.process("early-writer", writing(stage, before)).ended
  const endTrouble = troubling(stage, "consumer", trouble)
  const consumer = stage.process("consumer", (self) => {
    const handling = answering(self, takingTime(self, time), kind, notYetMs)
    const limits = { ...tuning, maxReadAhead, requireCompleteStreams }
    return host(stage, self, { group: "reactor", categories: read, ...limits, ...handling })
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
