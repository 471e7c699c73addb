import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import { anyValue } from "./attribute-value-arbitraries.js"
import { compare, compareText, equal, normalize, typeOf, validateItem, validateValue } from "./attribute-value.js"

function problem(value: unknown, validate: (value: AttributeValue) => void = validateValue): string {
  try {
    validate(value as AttributeValue)
    return "none"
  } catch (error) {
    return String(error)
  }
}

const nested = (levels: number): AttributeValue => (levels === 0 ? { S: "x" } : { M: { a: nested(levels - 1) } })
const attribute = (value: AttributeValue) => validateItem({ a: value })

describe("what can be stored", () => {
  it.each([
    { S: "" },
    { B: new Uint8Array() },
    { SS: [""] },
    { BS: [new Uint8Array()] },
    { L: [] },
    { M: {} },
    { NULL: true },
    { BOOL: false },
    { N: "-1.5e3" },
    { NS: ["1", "2"] },
    { S: "a", N: undefined },
  ])("%j", (value) => {
    expect(problem(value)).toBe("none")
  })

  it("is one type at a time", () => {
    expect(problem({})).toMatchInlineSnapshot(
      `"ValidationException: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"`,
    )
    expect(problem({ S: null })).toBe(problem({}))
    expect(problem({ S: "a", N: "1" })).toMatchInlineSnapshot(
      `"ValidationException: Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"`,
    )
    expect(problem({ L: [{ S: "a" }, {}] })).toBe(problem({}))
    expect(problem({ M: { a: {} } })).toBe(problem({}))
  })

  it("has members in its sets, each of them once", () => {
    expect(problem({ SS: [] })).toMatchInlineSnapshot(
      `"ValidationException: One or more parameter values were invalid: An string set  may not be empty"`,
    )
    expect(problem({ NS: [] })).toMatchInlineSnapshot(
      `"ValidationException: One or more parameter values were invalid: An number set  may not be empty"`,
    )
    expect(problem({ BS: [] })).toMatchInlineSnapshot(
      `"ValidationException: One or more parameter values were invalid: Binary sets should not be empty"`,
    )
    expect(problem({ SS: ["a", "b", "a"] })).toMatchInlineSnapshot(
      `"ValidationException: One or more parameter values were invalid: Input collection [a, b, a] contains duplicates."`,
    )
    expect(problem({ NS: ["1", "1.0"] })).toMatchInlineSnapshot(
      `"ValidationException: Input collection contains duplicates"`,
    )
    expect(problem({ BS: [new Uint8Array([1]), new Uint8Array([1])] })).toMatchInlineSnapshot(
      `"ValidationException: One or more parameter values were invalid: Input collection [AQ==, AQ==]of type BS contains duplicates."`,
    )
  })

  it("has numbers that are numbers, wherever they are", () => {
    expect(problem({ N: "abc" })).toMatchInlineSnapshot(
      `"ValidationException: The parameter cannot be converted to a numeric value: abc"`,
    )
    expect(problem({ NS: ["1", "abc"] })).toBe(problem({ N: "abc" }))
    expect(problem({ M: { a: { L: [{ N: "abc" }] } } })).toBe(problem({ N: "abc" }))
  })

  it("has no NULL that is false and no member without a name", () => {
    expect(problem({ NULL: false })).toMatchInlineSnapshot(
      `"ValidationException: One or more parameter values were invalid: Null attribute value types must have the value of true"`,
    )
    expect(problem({ M: { "": { S: "a" } } })).toMatchInlineSnapshot(`"ValidationException: Empty attribute name"`)
  })

  it("is 32 levels deep, the item included", () => {
    expect(problem(nested(31), attribute)).toBe("none")
    expect(problem(nested(32), attribute)).toMatchInlineSnapshot(
      `"ValidationException: Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"`,
    )
    expect(problem(nested(32))).toBe("none")
    expect(problem(nested(33))).toBe(problem(nested(32), attribute))
  })
})

describe("normalize", () => {
  it("writes numbers in one way and puts sets in order", () => {
    expect(normalize({ N: "1.50" })).toEqual({ N: "1.5" })
    expect(normalize({ NS: ["10", "2", "1.0"] })).toEqual({ NS: ["1", "2", "10"] })
    expect(normalize({ SS: ["b", "a"] })).toEqual({ SS: ["a", "b"] })
    expect(normalize({ L: [{ M: { n: { N: "-0" } } }] })).toEqual({ L: [{ M: { n: { N: "0" } } }] })
  })

  it("gives bytes as a Uint8Array that is no one else's", () => {
    const given = Buffer.from([1, 2])
    const { B: kept } = normalize({ B: given })
    given[0] = 9
    expect(kept).toEqual(new Uint8Array([1, 2]))
    expect(Buffer.isBuffer(kept)).toBe(false)
  })

  it("keeps a member called __proto__", () => {
    const value = normalize({ M: JSON.parse('{ "__proto__": { "S": "a" } }') })
    expect(Object.keys(value.M!)).toEqual(["__proto__"])
  })

  it("changes nothing the second time, nor what the value is", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(normalize(value)).toEqual(value)
        expect(normalize(value)).not.toBe(value)
        expect(typeOf(normalize(value))).toBe(typeOf(value))
        expect(equal(value, normalize(value))).toBe(true)
      }),
    )
  })
})

describe("equality and order", () => {
  test.each([
    [{ N: "1" }, { N: "1.0" }, true],
    [{ SS: ["a", "b"] }, { SS: ["b", "a"] }, true],
    [{ NS: ["1", "2"] }, { NS: ["2.0", "1"] }, true],
    [{ S: "1" }, { N: "1" }, false],
    [{ L: [{ S: "a" }] }, { L: [{ S: "a" }, { S: "b" }] }, false],
    [{ M: { a: { S: "1" } } }, { M: { b: { S: "1" } } }, false],
    [{ M: {} }, { M: { toString: { S: "1" } } }, false],
    [{ NULL: true }, { BOOL: true }, false],
  ] as const)("%j and %j: %s", (a, b, same) => {
    const [left, right] = [structuredClone(a), structuredClone(b)] as unknown as [AttributeValue, AttributeValue]
    expect(equal(left, right)).toBe(same)
    expect(equal(right, left)).toBe(same)
  })

  it("texts are in the order of their UTF-8 bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
    )
    expect(compareText("\uffff", "😀")).toBeLessThan(0)
  })

  it("bytes are unsigned, and a beginning comes before the whole", () => {
    expect(compare({ B: new Uint8Array([1, 200]) }, { B: new Uint8Array([1, 3]) })).toBeGreaterThan(0)
    expect(compare({ B: new Uint8Array([1]) }, { B: new Uint8Array([1, 0]) })).toBeLessThan(0)
  })

  it("values of different types have no order, nor have containers", () => {
    expect(compare({ S: "1" }, { N: "1" })).toBeUndefined()
    expect(compare({ L: [] }, { L: [] })).toBeUndefined()
    expect(compare({ BOOL: true }, { BOOL: false })).toBeUndefined()
  })
})
