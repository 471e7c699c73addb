import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compare, normalize } from "./attribute-value.js"
import { beyond, boundsOf, keyText, type KeyType, type RangeCondition, sortPart } from "./key-order.js"

const digits = fc.tuple(
  fc.constantFrom("", "-"),
  fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }),
  fc.integer({ min: -120, max: 80 }),
)
const keys: Record<KeyType, fc.Arbitrary<AttributeValue>> = {
  N: fc.oneof(
    fc.integer({ min: -30, max: 30 }).map((n) => ({ N: String(n) })),
    fc.integer({ min: -300, max: 300 }).map((n) => ({ N: String(n / 8) })),
    digits.map(([sign, number, power]) => normalize({ N: `${sign}${number}e${power}` })),
  ),
  S: fc.oneof(
    fc.string({ unit: "binary", maxLength: 4 }).map((S) => ({ S })),
    fc
      .string({ unit: fc.constantFrom("a", "\0", "\u0001", "\uffff", "\ue000", "😀"), maxLength: 4 })
      .map((S) => ({ S })),
  ),
  B: fc.uint8Array({ maxLength: 3, max: 3 }).map((B) => ({ B })),
}

describe.each<KeyType>(["N", "S", "B"])("texts of keys of type %s", (type) => {
  const key = keys[type]
  const text = (value: AttributeValue) => keyText(type, value)
  const sort = (value: AttributeValue) => sortPart(text(value))
  const sign = (a: string, b: string) => (a < b ? -1 : Number(a > b))

  it("are in the order of the keys, with and without what ends them", () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const expected = Math.sign(compare(a, b)!)
        expect(sign(text(a), text(b))).toBe(expected)
        expect(sign(sort(a), sort(b))).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })

  it("lie within the bounds of a condition exactly if it holds, whatever follows them", () => {
    const operator = fc.constantFrom<RangeCondition["operator"]>("=", "<", "<=", ">", ">=", "BETWEEN")
    const next = fc.constantFrom("", sortPart(""), sortPart("x"), sortPart("\0"))
    fc.assert(
      fc.property(key, key, key, operator, next, (value, a, b, op, following) => {
        const { from, to } = boundsOf({ operator: op, operands: op === "BETWEEN" ? [text(a), text(b)] : [text(a)] })
        const sortKey = sort(value) + following
        const order = compare(value, a)!
        const expected = {
          "=": order === 0,
          "<": order < 0,
          "<=": order <= 0,
          ">": order > 0,
          ">=": order >= 0,
          BETWEEN: order >= 0 && compare(value, b)! <= 0,
          begins_with: false,
        }[op]
        expect(sortKey >= from && (to === undefined || sortKey < to)).toBe(expected)
      }),
      { numRuns: 3000 },
    )
  })

  it("that begin with a text are found by it", () => {
    fc.assert(
      fc.property(key, key, (value, prefix) => {
        const { from, to } = boundsOf({ operator: "begins_with", operands: [text(prefix)] })
        const sortKey = sort(value)
        expect(sortKey >= from && (to === undefined || sortKey < to)).toBe(text(value).startsWith(text(prefix)))
      }),
      { numRuns: 1000 },
    )
  })
})

it("beyond a key is what comes after it in the direction, within the bounds", () => {
  const bounds = { from: "b", to: "f" }
  expect(beyond(bounds, "d", true)).toEqual({ from: "d\0", to: "f" })
  expect(beyond(bounds, "d", false)).toEqual({ from: "b", to: "d" })
  expect(beyond(bounds, "a", true)).toEqual(bounds)
  expect(beyond(bounds, "g", false)).toEqual(bounds)
})
