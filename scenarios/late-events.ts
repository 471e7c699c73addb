import fc from "fast-check"
import type { Batch } from "../engine/batch.js"
import { MemoryCheckpoints } from "../engine/memory-checkpoints.js"
import { TailingFeedSource } from "../engine/source/tailing-feed-source.js"
import { StreamName } from "../engine/stream-name.js"
import { ConsumerTrace, itemOf } from "../properties/consumer-trace.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { rest } from "../properties/deployment/rest.js"
import { tuning } from "../properties/deployment/tuning.js"
import { observeCheckpoints } from "../properties/observe-checkpoints.js"
import { observeHandler } from "../properties/observe-handler.js"
import { observeSink } from "../properties/observe-sink.js"
import { onAnyStore } from "../properties/scenario.js"

const tranche = "parcel"
const mostLate = 4

/** One event: of which stream, and how many of those after it may come before it. */
const written = fc.record({ stream: fc.nat(2), late: fc.nat(mostLate) })

/** The feed is one of its own: no store has one that is so far out of order. */
export const lateEvents = onAnyStore({
  name: "late-events",
  title:
    "A feed yields events after those that follow them in their stream; a sink that requires complete streams waits",
  setup: fc.record({
    events: fc.array(written, { minLength: 1, maxLength: 30, size: "max" }),
    pauseMs: fc.constantFrom(0, 5, 20),
    tuning,
    time: handlingTime,
  }),
  breaks: ["A1"],
  sometimes: { "batch waits for an older one": 100, "calls at once": 100 },
  async run(stage, { events, pauseMs, tuning, time }) {
    const { batchSize, maxConcurrentStreams, ...intervals } = tuning
    // An event that came later than that would stall the sink for good.
    const limits = { maxConcurrentStreams, maxReadAhead: 2 * mostLate }
    const items = lateOnes(events)
    const consumer = stage.world.process("consumer", async (self) => {
      const { clock } = self
      const about = { process: self.id, name: `${self.id}.1`, group: "reactor", tranches: [tranche] }
      const told = { ...limits, requireCompleteStreams: true, checkpointIntervalMs: intervals.checkpointIntervalMs }
      const trace = new ConsumerTrace({ ...about, ...told }, self.trace)
      const handler = observeHandler(takingTime(self, time), trace)
      const sink = stage.engine.StreamsSink.create({ handler, ...limits, requireCompleteStreams: true, clock })
      const crawl = async function* (_: string, position: bigint): AsyncGenerator<Batch> {
        await clock.sleep(pauseMs)
        const from = Number(position)
        const read = items.slice(from, from + batchSize)
        const page = { checkpoint: position + BigInt(read.length), isTail: read.length === 0 }
        trace.pageRead(tranche, {
          from: position,
          ...page,
          items: read.map(([stream, event]) => itemOf(stream, event)),
        })
        yield { items: read, ...page }
      }
      const source = new TailingFeedSource({
        ...{ crawl, groupName: "reactor", clock, ...intervals },
        checkpoints: observeCheckpoints(new MemoryCheckpoints(), trace),
        sink: observeSink(sink, trace),
      })
      await trace.during(() => source.start(tranche, self.signal))
    })
    await rest(stage, [consumer])
  },
})

function lateOnes(events: readonly { readonly stream: number; readonly late: number }[]): Batch["items"] {
  const counts = new Map<number, number>()
  const placed = events.map(({ stream, late }, n) => {
    const index = counts.get(stream) ?? 0
    counts.set(stream, index + 1)
    const event = { id: "", time: new Date(0), type: "Happened", index: BigInt(index), isUnfold: false, size: -1 }
    return { place: n + late, item: [StreamName.create(tranche, String(stream)), event] as const }
  })
  return placed.sort((a, b) => a.place - b.place).map(({ item }) => item)
}
