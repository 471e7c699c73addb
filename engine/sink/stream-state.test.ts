import fc from "fast-check"
import { expect, test } from "vitest"
import type { ITimelineEvent } from "../timeline-event.js"
import { BatchQueue } from "./batch-queue.js"
import type { PendingBatch } from "./batch-queue.js"
import { StreamState } from "./stream-state.js"
import type { StreamName } from "../stream-name.js"

/** What batches wait for one stream, written as the specification says it: per batch, the highest index plus 1. */
class Model {
  readonly requirements = new Map<PendingBatch, number>()
  write = -1
  require(batch: PendingBatch, position: number) {
    const isFirst = !this.requirements.has(batch)
    this.requirements.set(batch, Math.max(this.requirements.get(batch) ?? 0, position))
    return isFirst
  }
  advance(next: number) {
    this.write = Math.max(this.write, next)
  }
  takeMet() {
    const met = [...this.requirements].filter(([, position]) => position <= this.write).map(([batch]) => batch)
    for (const batch of met) this.requirements.delete(batch)
    return met
  }
  drop(isDropped: (batch: PendingBatch) => boolean) {
    for (const batch of [...this.requirements.keys()]) if (isDropped(batch)) this.requirements.delete(batch)
  }
}

const index = fc.integer({ min: 0, max: 20 })
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("admit" as const),
      queue: fc.integer({ min: 0, max: 2 }),
      indexes: fc.array(index, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("advance" as const), by: fc.integer({ min: -2, max: 5 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("stop" as const), queue: fc.integer({ min: 0, max: 2 }) }),
  },
)

test("what batches of several tranches wait for is what a map from batch to position says, in any order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const state = new StreamState("c-a" as StreamName)
      const model = new Model()
      let ticket = 0
      const open = () => {
        const stop = new AbortController()
        const queue = new BatchQueue(1000)
        queue.follow(stop.signal, () => {})
        return { queue, stop }
      }
      const queues = [open(), open(), open()]
      for (const s of steps) {
        if (s.do === "admit") {
          const batch = (queues[s.queue] as ReturnType<typeof open>).queue.admit({
            items: [],
            checkpoint: 0n,
            isTail: false,
            onComplete: () => {},
          })
          for (const at of s.indexes) {
            if (at < state.write) continue
            expect(state.require(batch, at + 1, ++ticket)).toBe(model.require(batch, at + 1))
            state.enqueue(at, { index: BigInt(at) } as ITimelineEvent)
          }
        } else if (s.do === "advance") {
          state.advance(state.write + s.by)
          model.advance(model.write + s.by)
          const met: PendingBatch[] = []
          for (let batch = state.takeMet(); batch !== undefined; batch = state.takeMet()) met.push(batch)
          expect(new Set(met)).toEqual(new Set(model.takeMet()))
          expect(met.length).toBe(new Set(met).size)
        } else {
          const stopped = queues[s.queue] as ReturnType<typeof open>
          stopped.stop.abort()
          state.dropAborted()
          model.drop(({ queue }) => queue === stopped.queue)
          queues[s.queue] = open()
        }
        expect(state.write).toBe(model.write)
        expect(state.isRequired).toBe(model.requirements.size > 0)
        expect([...state.waitingQueues()].length).toBe(model.requirements.size)
        expect(state.isStale).toBe(false)
      }
    }),
    { numRuns: 400 },
  )
})
