import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ReadyQueue } from "./ready-queue.js"

const item = (name: number) => ({ name, slot: -1 })

describe("ReadyQueue", () => {
  it("is a list in the order of arrival, from which any item can be taken", () => {
    const operation = fc.oneof(
      { weight: 3, arbitrary: fc.constant<"push">("push") },
      { weight: 2, arbitrary: fc.record({ takeAt: fc.nat() }) },
    )
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 400, size: "max" }), (operations) => {
        const queue = new ReadyQueue<{ name: number; slot: number }>()
        const model: { name: number; slot: number }[] = []
        operations.forEach((op, name) => {
          if (op === "push") {
            const arrival = item(name)
            queue.push(arrival)
            model.push(arrival)
          } else if (model.length > 0) {
            const index = op.takeAt % model.length
            const taken = queue.at(index)
            expect(taken).toBe(model[index])
            queue.remove(taken)
            model.splice(index, 1)
          }
          expect(queue.size).toBe(model.length)
        })
        expect(model.map((_, index) => queue.at(index).name)).toEqual(model.map(({ name }) => name))
        expect(model.map((entry) => queue.indexOf(entry))).toEqual(model.map((_, index) => index))
        expect(queue.indexOf(item(-1))).toBe(-1)
      }),
    )
  })

  it("refuses an index that no item has", () => {
    const queue = new ReadyQueue<{ name: number; slot: number }>()
    queue.push(item(1))
    for (const index of [-1, 1, 0.5, Number.NaN])
      expect(() => queue.at(index)).toThrow(`no ready step has index ${index}: there are 1`)
  })

  it("costs a logarithm per operation, also when a long queue is taken apart from its middle", () => {
    const workPerItem = (items: number) => {
      const queue = new ReadyQueue<{ name: number; slot: number }>()
      for (let i = 0; i < items; i++) queue.push(item(i))
      while (queue.size > 0) queue.remove(queue.at(queue.size >> 1))
      return queue.work / items
    }
    // 100 times the items: 2 to 3 times the work for each. A list with splice would take 100 times.
    expect(workPerItem(100_000) / workPerItem(1_000)).toBeLessThan(3)
  })
})
