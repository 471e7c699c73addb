import fc from "fast-check"
import { expect, test } from "vitest"
import { counted, grouped } from "./grouped-number.js"

test("digits are grouped in threes and nothing is lost", () => {
  expect([0, 999, 1_000, 1_234_567].map(grouped)).toEqual(["0", "999", "1 000", "1 234 567"])
  fc.assert(fc.property(fc.maxSafeNat(), (n) => Number(grouped(n).replaceAll(" ", "")) === n))
})

test("one of a thing has no plural", () => {
  expect([0, 1, 2].map((n) => counted(n, "run"))).toEqual(["0 runs", "1 run", "2 runs"])
})
