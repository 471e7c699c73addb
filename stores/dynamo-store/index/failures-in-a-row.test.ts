import fc from "fast-check"
import { expect, test } from "vitest"
import { FailuresInARow } from "./failures-in-a-row.js"

const limits = fc.record({
  backOffMs: fc.integer({ min: 0, max: 100 }),
  maxBackOffMs: fc.integer({ min: 0, max: 1000 }),
  maxFailures: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(Infinity)),
})

test("pauses double up to the longest, begin anew after a success, and one failure too many is thrown at once", () =>
  fc.assert(
    fc.asyncProperty(limits, fc.array(fc.constantFrom("failure", "failure", "success")), async (given, outcomes) => {
      const pauses: number[] = []
      const clock = { now: () => 0, sleep: async (ms: number) => void pauses.push(ms), turn: () => Promise.resolve() }
      const failures = new FailuresInARow({ ...given, clock, warn: () => undefined })
      const signal = new AbortController().signal
      const error = new Error("again")
      let inARow = 0
      for (const outcome of outcomes) {
        if (outcome === "success") {
          failures.end()
          inARow = 0
          continue
        }
        inARow++
        pauses.length = 0
        const added = failures.add("reading", error, signal)
        if (inARow >= given.maxFailures) {
          await expect(added).rejects.toBe(error)
          expect(pauses).toEqual([])
          return
        }
        await added
        expect(pauses).toEqual([Math.min(given.backOffMs * 2 ** (inARow - 1), given.maxBackOffMs)])
      }
    }),
  ))
