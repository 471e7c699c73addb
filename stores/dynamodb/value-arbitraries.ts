/** For tests: attribute values, right ones and some that are wrong; few of them, so that they meet. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"

export type Arbitrary<T> = fc.Arbitrary<T>
export type KeyType = "S" | "N" | "B"

export const often = <T>(...usual: readonly T[]): Arbitrary<T> => fc.constantFrom(...usual)
/** Mostly the first, now and then the second. */
export const rarely = <T, U>(usual: Arbitrary<T>, rare: Arbitrary<U>, once = 40): Arbitrary<T | U> =>
  fc.oneof({ weight: once, arbitrary: usual }, { weight: 1, arbitrary: rare })
export const maybe = <T>(arbitrary: Arbitrary<T>): Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })
export const seldom = <T>(arbitrary: Arbitrary<T>, once = 6): Arbitrary<T | undefined> =>
  fc.oneof({ weight: once, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

export const text = often("a", "b", "ab", "B", "é", "😀", "\uffff", "2")
const number = rarely(
  often("0", "1", "2", "10", "-1", "1.5", "-2.25", "1.0", "1e1", "00", "-0", "9007199254740993"),
  often(
    "1e125",
    "1e126",
    "-1e-130",
    "1e-131",
    "12345678901234567890123456789012345678",
    "123456789012345678901234567890123456789",
    "0.00000000000000000000000000000000000001",
    "9.9999999999999999999999999999999999999E+125",
    "abc",
    "",
    " 1",
    "NaN",
    "0x1",
    "1e",
    ".5",
    "5.",
  ),
  60,
)
export const bytes = often([0], [0, 1], [1], [255], [255, 0]).map((array) => Uint8Array.from(array))

export const scalar = (type: KeyType): Arbitrary<AttributeValue> =>
  type === "S" ? text.map((S) => ({ S })) : type === "N" ? number.map((N) => ({ N })) : bytes.map((B) => ({ B }))

/** Not without values that are wrong: sets that are empty or say a thing twice, values of no type or of two. */
const oddValue: Arbitrary<AttributeValue> = often<unknown>(
  { SS: [] },
  { NS: [] },
  { SS: ["a", "a"] },
  { NS: ["1", "1.0"] },
  { BS: [Uint8Array.of(1), Uint8Array.of(1)] },
  { NULL: false },
  { S: "" },
  { SS: [""] },
  { SS: ["a", ""] },
  { B: new Uint8Array() },
  { NS: ["x"] },
  { L: [{ SS: [] }] },
  { M: { "": { S: "a" } } },
).map((value) => value as AttributeValue)

export const value: Arbitrary<AttributeValue> = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 8, arbitrary: fc.oneof(scalar("N"), scalar("S")) },
    { weight: 1, arbitrary: scalar("B") },
    { weight: 1, arbitrary: fc.boolean().map((BOOL) => ({ BOOL })) },
    { weight: 1, arbitrary: fc.constant({ NULL: true as const }) },
    { weight: 2, arbitrary: fc.uniqueArray(text, { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })) },
    {
      weight: 2,
      arbitrary: fc.uniqueArray(often("1", "2", "10", "-1"), { minLength: 1, maxLength: 3 }).map((NS) => ({ NS })),
    },
    {
      weight: 1,
      arbitrary: fc.uniqueArray(bytes, { minLength: 1, maxLength: 2, selector: String }).map((BS) => ({ BS })),
    },
    { weight: 3, arbitrary: fc.array(tie("value"), { maxLength: 3 }).map((L) => ({ L })) },
    { weight: 3, arbitrary: fc.dictionary(often("x", "y", "n.d"), tie("value"), { maxKeys: 2 }).map((M) => ({ M })) },
  ),
})).value

export const anyValue = rarely(value, oddValue, 150)

/** A value for a key attribute of that type, few enough that requests meet on the same item. */
export const keyValue = (type: KeyType): Arbitrary<AttributeValue> => {
  const usual = {
    S: often("a", "b", "ab").map((S) => ({ S })),
    N: often("0", "1", "2", "10", "1.0", "-1.5").map((N) => ({ N })),
    B: often([0], [0, 1], [255]).map((array) => ({ B: Uint8Array.from(array) })),
  }[type] as Arbitrary<AttributeValue>
  return rarely(usual, fc.oneof(value, often<AttributeValue>({ S: "" }, { N: "x" }, { B: new Uint8Array() })), 80)
}
