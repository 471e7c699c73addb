import fc from "fast-check"
import { expect, test } from "vitest"
import { drawn } from "./drawn.js"

const arbitrary = fc.record({ names: fc.array(fc.string()), size: fc.integer() })

test("a seed always draws the same value, another seed another one", () => {
  const values = Array.from({ length: 50 }, (_, seed) => drawn(arbitrary, seed).value)
  expect(Array.from({ length: 50 }, (_, seed) => drawn(arbitrary, seed).value)).toEqual(values)
  expect(new Set(values.map((value) => JSON.stringify(value))).size).toBeGreaterThan(45)
  expect(drawn(arbitrary, "7").value).toEqual(drawn(arbitrary, 7).value)
})

test("what was drawn knows what is simpler", () => {
  let { value_: value, context } = drawn(arbitrary, 7)
  for (;;) {
    const next = arbitrary.shrink(value, context).getNthOrLast(0)
    if (next === null) break
    ;({ value_: value, context } = next)
  }
  expect(value).toEqual({ names: [], size: 0 })
})
