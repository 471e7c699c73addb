import fc from "fast-check"
import { expect, it } from "vitest"
import type { Decision } from "./decision.js"
import { beginning, fewerDecisions } from "./fewer-decisions.js"

const decision: fc.Arbitrary<Decision> = fc.oneof(
  fc.record({ kind: fc.constant("hold" as const), step: fc.string(), until: fc.string() }),
  fc.record({ kind: fc.constant("latency" as const), step: fc.string(), ms: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant("fault" as const), fault: fc.constant("replyLost" as const), step: fc.string() }),
)

/** Takes the first candidate that fails, and goes on from there, until none does. */
function shrunk(decisions: readonly Decision[], fails: (decisions: readonly Decision[]) => boolean) {
  let present = decisions
  let progress = beginning
  let tried = 0
  for (;;) {
    let next: ReturnType<typeof fewerDecisions> extends Generator<infer C> ? C | undefined : never
    for (const candidate of fewerDecisions(present, progress)) {
      tried++
      if (!fails(candidate.decisions)) continue
      next = candidate
      break
    }
    if (next === undefined) return { decisions: present, tried }
    present = next.decisions
    progress = next.progress
  }
}

it("finds the few decisions that a failure needs among many", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(decision, { minLength: 1, maxLength: 200, selector: (one) => JSON.stringify(one) }),
      fc.infiniteStream(fc.nat()),
      (decisions, draws) => {
        const needed = new Set(
          Array.from({ length: 3 }, () => decisions[(draws.next().value as number) % decisions.length]!),
        )
        const has = (list: readonly Decision[]) =>
          [...needed].every((one) => list.some((other) => other.step === one.step && other.kind === one.kind))
        const result = shrunk(decisions, has)
        expect(has(result.decisions)).toBe(true)
        expect(result.decisions.length).toBe(new Set([...needed].map(({ kind, step }) => `${kind} ${step}`)).size)
        // Each needed one costs a descent through the halves; linear search would try every one many times.
        expect(result.tried).toBeLessThan(3 * 2 * Math.log2(2 * decisions.length) * 2 + 30)
      },
    ),
    { seed: 1, numRuns: 500 },
  )
})

it("tries no decisions at all first, and whole kinds before parts of one", () => {
  const hold: Decision = { kind: "hold", step: "a", until: "b" }
  const latency: Decision = { kind: "latency", step: "a", ms: 2 }
  const candidates = [...fewerDecisions([hold, latency])].map(({ decisions }) => decisions)
  expect(candidates.slice(0, 3)).toEqual([[], [hold], [latency]])
})

it("makes milliseconds fewer when nothing can be left out", () => {
  const slow: Decision = { kind: "latency", step: "a", ms: 40 }
  const needs = (list: readonly Decision[]) => list.some((one) => one.kind === "latency" && one.ms >= 4)
  expect(shrunk([slow], needs).decisions).toEqual([{ ...slow, ms: 5 }])
})

it("moves a fault to an earlier occurrence of its step, and leaves one that cannot be moved", () => {
  const late: Decision = { kind: "fault", fault: "replyLost", step: "consumer#1 store.put request 9" }
  const atLeast = (least: number) => (list: readonly Decision[]) =>
    list.some(({ step }) => Number(step.slice(step.lastIndexOf(" "))) >= least)
  expect(shrunk([late], atLeast(1)).decisions).toEqual([{ ...late, step: "consumer#1 store.put request 1" }])
  expect(shrunk([late], atLeast(4)).decisions).toEqual([{ ...late, step: "consumer#1 store.put request 4" }])
  expect(shrunk([late], atLeast(9)).decisions).toEqual([late])
})
