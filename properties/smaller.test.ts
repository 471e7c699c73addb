import fc from "fast-check"
import { expect, test } from "vitest"
import type { Decision } from "../sim/decision.js"
import { drawn } from "./drawn.js"
import { type Attempt, smaller } from "./smaller.js"

const arbitrary = fc.record({ appends: fc.array(fc.nat(9), { maxLength: 20 }), size: fc.integer({ min: 1, max: 50 }) })
type Setup = { readonly appends: number[]; readonly size: number }

const holds: readonly Decision[] = Array.from({ length: 60 }, (_, n) => ({
  kind: "hold",
  step: `consumer#1 reply ${n}`,
  until: `writer#1 request ${n}`,
}))

/** Fails with two appends of at least 5 and one particular decision. */
const twoAppendsAndOneHold: Attempt<Setup> = async ({ appends }, decisions) => {
  const fails = appends.filter((n) => n >= 5).length >= 2 && decisions.some(({ step }) => step.endsWith(" 41"))
  return fails ? decisions : undefined
}

test("a failing run shrinks to what it needs, in setup and decisions", async () => {
  for (let seed = 0; seed < 30; seed++) {
    const setup = drawn(arbitrary, seed)
    if ((await twoAppendsAndOneHold(setup.value_, holds)) === undefined) continue
    const found = await smaller(
      { setup, decisions: holds },
      { arbitrary, attempt: twoAppendsAndOneHold, goesOn: () => true },
    )
    expect(found.setup.value_).toEqual({ appends: [5, 5], size: 1 })
    expect(found.decisions).toEqual([holds[41]])
  }
})

test("what had no effect is not kept", async () => {
  const setup = drawn(arbitrary, 1)
  const attempt: Attempt<Setup> = async (_, decisions) => decisions.filter(({ step }) => step.endsWith(" 3"))
  const found = await smaller({ setup, decisions: holds }, { arbitrary, attempt, goesOn: () => true })
  expect(found.decisions).toEqual([])
})

test("the search ends with its budget, and with a run that failed", async () => {
  const setup = drawn(arbitrary, 4)
  let left = 7
  let attempts = 0
  const attempt: Attempt<Setup> = async (_, decisions) => {
    attempts++
    return decisions.length >= 10 ? decisions : undefined
  }
  const found = await smaller({ setup, decisions: holds }, { arbitrary, attempt, goesOn: () => left-- > 0 })
  expect(attempts).toBe(7)
  expect(found.decisions.length).toBeGreaterThanOrEqual(10)
})
