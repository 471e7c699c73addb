import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { ITimelineEvent } from "../timeline-event.js"
import { SpanQueue } from "./span-queue.js"

const eventAt = (index: number, body = "") => ({ index: BigInt(index), data: body }) as ITimelineEvent

/** Spans as the tables of the specification write them: first and last index, e.g. `0-2 5`. */
function drain(queue: SpanQueue): string {
  const spans: string[] = []
  while (!queue.isEmpty) {
    const first = queue.first
    const indexes = queue.take().map(({ index }) => Number(index))
    expect(indexes).toEqual(indexes.map((_, i) => first + i))
    spans.push(indexes.length === 1 ? `${first}` : `${first}-${first + indexes.length - 1}`)
  }
  return spans.join(" ")
}

function queueOf(...indexes: number[]): SpanQueue {
  const queue = new SpanQueue()
  for (const index of indexes) queue.add(index, eventAt(index))
  return queue
}

describe("merging spans", () => {
  test.each([
    ["adjacent", [0, 1, 2, 3, 4], "0-4"],
    ["overlap, reaches further", [0, 1, 2, 1, 2, 3, 4, 5], "0-5"],
    ["contained", [0, 1, 2, 1, 2], "0-2"],
    ["same start, longer", [0, 0, 1, 2], "0-2"],
    ["gap", [0, 1, 2, 5, 6], "0-2 5-6"],
    ["arrived out of order", [5, 6, 0, 1, 2], "0-2 5-6"],
    ["downwards", [5, 4, 3, 2, 1, 0], "0-5"],
    ["a gap closes", [0, 2, 3, 1], "0-3"],
    ["gaps close from the middle", [0, 4, 8, 6, 2, 5, 1, 7, 3], "0-8"],
  ])("%s", (_, indexes, spans) => {
    expect(drain(queueOf(...indexes))).toBe(spans)
  })

  test("of two events for one index the one queued earlier stays, in the lowest span and above a gap", () => {
    const queue = queueOf(0, 2)
    queue.add(0, eventAt(0, "late"))
    queue.add(2, eventAt(2, "late"))
    queue.add(1, eventAt(1))
    expect(queue.take().map(({ data }) => data)).toEqual(["", "", ""])
  })
})

describe("dropping below a position", () => {
  test.each([
    ["nothing is below", 0, "0-2 5-6"],
    ["all is below", 9, ""],
    ["inside the lowest span", 1, "1-2 5-6"],
    ["a whole span", 3, "5-6"],
    ["inside a later span", 6, "6"],
  ])("%s", (_, min, spans) => {
    const queue = queueOf(0, 1, 2, 5, 6)
    queue.dropBelow(min)
    expect(drain(queue)).toBe(spans)
  })
})

/** The same queue, written as the specification says it: a map from index to event. */
class Model {
  readonly events = new Map<number, ITimelineEvent>()
  add(index: number, event: ITimelineEvent) {
    if (!this.events.has(index)) this.events.set(index, event)
  }
  get first() {
    return this.events.size === 0 ? -1 : Math.min(...this.events.keys())
  }
  take() {
    const taken: ITimelineEvent[] = []
    for (let index = this.first; this.events.has(index); index++) {
      taken.push(this.events.get(index) as ITimelineEvent)
      this.events.delete(index)
    }
    return taken
  }
  dropBelow(min: number) {
    for (const index of [...this.events.keys()]) if (index < min) this.events.delete(index)
  }
}

const index = fc.integer({ min: 0, max: 30 })
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("add" as const), index }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("run" as const), index, length: fc.integer({ min: 1, max: 8 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("take" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("take and put back" as const), handled: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drop" as const), index }) },
)

test("behaves as a map from index to event, whatever arrives in whatever order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new SpanQueue()
      const model = new Model()
      let bodies = 0
      const add = (at: number) => {
        const event = eventAt(at, String(bodies++))
        queue.add(at, event)
        model.add(at, event)
      }
      for (const s of steps) {
        if (s.do === "add") add(s.index)
        else if (s.do === "run") for (let i = 0; i < s.length; i++) add(s.index + i)
        else if (s.do === "drop") {
          queue.dropBelow(s.index)
          model.dropBelow(s.index)
        } else if (!queue.isEmpty) {
          const first = queue.first
          const taken = queue.take()
          expect(taken).toEqual(model.take())
          if (s.do === "take") continue
          const left = taken.slice(s.handled)
          queue.putBack(first + taken.length - left.length, left)
          left.forEach((event, i) => model.add(first + taken.length - left.length + i, event))
        }
        expect(queue.first).toBe(model.first)
      }
      while (!queue.isEmpty) expect(queue.take()).toEqual(model.take())
      expect(model.events.size).toBe(0)
    }),
    { numRuns: 2000 },
  )
})
