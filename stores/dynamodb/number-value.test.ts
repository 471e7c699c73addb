import Big from "big.js"
import fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import { addNumbers, canonicalNumber, compareNumbers, sizeOfNumber, subtractNumbers } from "./number-value.js"

/** Whole number of units of 1E-167, the last digit that a number can have. */
function scaled(text: string): bigint {
  const [mantissa, exponent = "0"] = text.toLowerCase().split("e") as [string, string?]
  const [whole, fraction = ""] = mantissa.split(".") as [string, string?]
  return BigInt(whole + fraction) * 10n ** BigInt(167 + Number(exponent) - fraction.length)
}

const digits = fc
  .integer({ min: 1, max: 38 })
  .chain((length) => fc.bigInt({ min: 0n, max: 10n ** BigInt(length) - 1n }))

/** Numbers that can be stored, in any spelling. */
const numbers = fc
  .record({
    sign: fc.constantFrom("", "-", "+"),
    digits,
    exponent: fc.integer({ min: -130, max: 87 }),
    e: fc.constantFrom("e", "E"),
  })
  .map(({ sign, digits, exponent, e }) => `${sign}${digits}${e}${exponent}`)

describe("canonical text", () => {
  test.each([
    ["0", "0"],
    ["-0", "0"],
    ["0.000", "0"],
    ["0e-300", "0"],
    ["+1", "1"],
    ["00012.3400", "12.34"],
    ["1.", "1"],
    [".5", "0.5"],
    ["1e5", "100000"],
    ["1.5E-3", "0.0015"],
    ["2147483647", "2147483647"],
    ["123456789012345678901234567890123456780", "123456789012345678901234567890123456780"],
    ["9.9999999999999999999999999999999999999E+125", `${"9".repeat(38)}${"0".repeat(88)}`],
    ["1e-130", `0.${"0".repeat(129)}1`],
  ])("%s is %s", (text, canonical) => {
    expect(canonicalNumber(text)).toBe(canonical)
  })

  it("has no exponent, no needless zeros and no negative zero, and means the same", () => {
    fc.assert(
      fc.property(numbers, (text) => {
        const canonical = canonicalNumber(text)
        expect(canonical).toMatch(/^(?:0|-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?)$/)
        expect(canonical).not.toBe("-0")
        expect(scaled(canonical)).toBe(scaled(text.replace("+", "")))
        expect(canonicalNumber(canonical)).toBe(canonical)
      }),
    )
  })

  const error = (text: string) => {
    try {
      return canonicalNumber(text)
    } catch (error) {
      return String(error)
    }
  }

  it("is refused to what is no number, or cannot be stored", () => {
    const refused = ["abc", "", " 1", "1 ", ".", "1e", "--1", "0x10", "NaN", "Infinity", "1_0"]
    expect(refused.map(error)).toMatchInlineSnapshot(`
      [
        "ValidationException: The parameter cannot be converted to a numeric value: abc",
        "ValidationException: The parameter cannot be converted to a numeric value",
        "ValidationException: The parameter cannot be converted to a numeric value:  1",
        "ValidationException: The parameter cannot be converted to a numeric value: 1 ",
        "ValidationException: The parameter cannot be converted to a numeric value: .",
        "ValidationException: The parameter cannot be converted to a numeric value: 1e",
        "ValidationException: The parameter cannot be converted to a numeric value: --1",
        "ValidationException: The parameter cannot be converted to a numeric value: 0x10",
        "ValidationException: The parameter cannot be converted to a numeric value: NaN",
        "ValidationException: The parameter cannot be converted to a numeric value: Infinity",
        "ValidationException: The parameter cannot be converted to a numeric value: 1_0",
      ]
    `)
    expect(error("123456789012345678901234567890123456789")).toMatchInlineSnapshot(
      `"ValidationException: Attempting to store more than 38 significant digits in a Number"`,
    )
    expect(error("1e126")).toMatchInlineSnapshot(
      `"ValidationException: Number overflow. Attempting to store a number with magnitude larger than supported range"`,
    )
    expect(error("-1e126")).toBe(error("1e126"))
    expect(error("1e-131")).toMatchInlineSnapshot(
      `"ValidationException: Number underflow. Attempting to store a number with magnitude smaller than supported range"`,
    )
    expect(error("-1e-131")).toBe(error("1e-131"))
  })
})

describe("order", () => {
  it("is that of what the numbers amount to", () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const [left, right] = [canonicalNumber(a), canonicalNumber(b)]
        const difference = scaled(left) - scaled(right)
        expect(Math.sign(compareNumbers(left, right))).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0)
      }),
    )
  })

  it("tells small whole numbers apart", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        expect(compareNumbers(String(a), String(b))).toBe(Math.sign(a - b))
      }),
    )
  })
})

describe("arithmetic", () => {
  it("is exact where the result can be stored", () => {
    expect(addNumbers("0.1", "0.2")).toBe("0.3")
    expect(addNumbers("9007199254740993", "1")).toBe("9007199254740994")
    expect(subtractNumbers("1", "0.00000000000000000001")).toBe("0.99999999999999999999")
    expect(subtractNumbers("5", "5")).toBe("0")
  })

  it("subtracts what it added", () => {
    const decimals = fc
      .tuple(fc.integer(), fc.integer({ min: 0, max: 9 }))
      .map(([n, e]) => canonicalNumber(`${n}e-${e}`))
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        expect(subtractNumbers(addNumbers(a, b), b)).toBe(a)
      }),
    )
  })

  it("refuses a result that would lose digits or is out of range", () => {
    expect(() => addNumbers("1e37", "0.1")).toThrowErrorMatchingInlineSnapshot(
      `[ValidationException: Attempting to store more than 38 significant digits in a Number]`,
    )
    expect(() => addNumbers("9e125", "9e125")).toThrowErrorMatchingInlineSnapshot(
      `[ValidationException: Number overflow. Attempting to store a number with magnitude larger than supported range]`,
    )
  })
})

describe("size", () => {
  test.each([
    ["0", 1],
    ["1", 2],
    ["12", 2],
    ["123", 3],
    ["-123", 4],
    ["10000", 2],
    ["10010", 4],
    ["0.001", 2],
    ["100.01", 4],
    ["2147483647", 6],
    ["1e-130", 2],
    ["12345678901234567890123456789012345678", 20],
    ["-1.2345678901234567890123456789012345678", 21],
  ])("%s takes %i bytes", (text, bytes) => {
    expect(sizeOfNumber(text)).toBe(bytes)
  })

  it("is about a byte for two digits", () => {
    fc.assert(
      fc.property(numbers, (text) => {
        const significant = new Big(canonicalNumber(text)).c.length
        expect(sizeOfNumber(text)).toBeLessThanOrEqual(Math.min(21, Math.floor(significant / 2) + 3))
        expect(sizeOfNumber(text)).toBeGreaterThanOrEqual(significant / 2)
      }),
    )
  })
})
