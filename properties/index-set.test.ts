import fc from "fast-check"
import { expect, test } from "vitest"
import { IndexSet } from "./index-set.js"

test("holds exactly the indexes that were added, in whatever order and overlap", () => {
  const interval = fc.tuple(fc.nat(40), fc.nat(8)).map(([from, length]) => [from, from + length] as const)
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 20 }), (intervals) => {
      const set = new IndexSet()
      const model = new Set<number>()
      for (const [from, to] of intervals) {
        set.add(from, to)
        for (let index = from; index < to; index++) model.add(index)
        for (let index = 0; index < 50; index++) expect(set.has(index)).toBe(model.has(index))
      }
    }),
  )
})
