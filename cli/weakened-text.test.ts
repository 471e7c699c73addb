import { expect, test } from "vitest"
import { weakenedText } from "./weakened-text.js"

const held = { held: true, checked: 3 }

test("says of each scenario, once, which properties ask less or nothing, and for want of what", () => {
  const fluid = {
    "I-03": { ...held, weakened: { A2: "asks less" } },
    "I-10": { ...held, weakened: { A1: "not asked", A3: "asks less" } },
    "I-15": { ...held, weakened: { A1: "not asked" } },
  } as const
  const results = [
    { scenario: "firm", properties: { "I-03": held } },
    { scenario: "fluid", properties: fluid },
    { scenario: "fluid", properties: fluid },
  ]
  expect(weakenedText(results)).toMatchInlineSnapshot(`
    "fluid goes without A1: I-10, I-15 are not asked
    fluid goes without A2: I-03 asks less
    fluid goes without A3: I-10 asks less
    "
  `)
})

test("says nothing where every assumption holds", () => {
  expect(weakenedText([{ scenario: "firm", properties: { "I-03": held } }])).toBe("")
})
