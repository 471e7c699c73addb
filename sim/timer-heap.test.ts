import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { TimerHeap } from "./timer-heap.js"

interface Timer {
  slot: number
  readonly due: number
  readonly order: number
}

describe("TimerHeap", () => {
  it("gives timers by due time and then by arrival, whatever is called off in between", () => {
    const operation = fc.oneof(
      { weight: 4, arbitrary: fc.record({ due: fc.integer({ min: 0, max: 20 }) }) },
      { weight: 1, arbitrary: fc.record({ callOff: fc.nat() }) },
      { weight: 1, arbitrary: fc.constant<"take">("take") },
    )
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300, size: "max" }), (operations) => {
        const heap = new TimerHeap<Timer>()
        let model: Timer[] = []
        const drop = (timer: Timer) => {
          heap.remove(timer)
          model = model.filter((other) => other !== timer)
        }
        operations.forEach((op, order) => {
          if (op === "take") {
            if (model[0] !== undefined) drop(model[0])
          } else if ("due" in op) {
            const timer = { slot: -1, due: op.due, order }
            heap.push(timer)
            model = [...model, timer].sort((a, b) => a.due - b.due || a.order - b.order)
          } else if (model.length > 0) drop(model[op.callOff % model.length]!)
          expect(heap.first).toBe(model[0])
          expect(heap.size).toBe(model.length)
        })
      }),
    )
  })

  it("costs a logarithm per operation", () => {
    const workPerTimer = (timers: number) => {
      const heap = new TimerHeap<Timer>()
      for (let order = 0; order < timers; order++) heap.push({ slot: -1, due: (order * 7_919) % timers, order })
      while (heap.first !== undefined) heap.remove(heap.first)
      return heap.work / timers
    }
    expect(workPerTimer(100_000) / workPerTimer(1_000)).toBeLessThan(2.5)
  })
})
