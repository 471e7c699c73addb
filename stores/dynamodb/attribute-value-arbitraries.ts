import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"
import { type Item, normalize } from "./attribute-value.js"

/* Values as they are stored, for properties. */

const text = fc.string({ unit: "binary", maxLength: 5 })
const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map(String),
  fc.tuple(fc.integer(), fc.integer({ min: -20, max: 20 })).map(([n, e]) => `${n}e${e}`),
)
const bytes = fc.uint8Array({ maxLength: 4 })

/** Names that are words of no meaning to the expression language. */
export const attributeName = fc.constantFrom("aa", "bb", "cc", "dd", "constructor")

const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    text.map((S): AttributeValue => ({ S })),
    number.map((N): AttributeValue => ({ N })),
    bytes.map((B): AttributeValue => ({ B })),
    fc.boolean().map((BOOL): AttributeValue => ({ BOOL })),
    fc.constant<AttributeValue>({ NULL: true }),
    fc.uniqueArray(text, { minLength: 1, maxLength: 3 }).map((SS): AttributeValue => ({ SS })),
    fc.uniqueArray(fc.integer().map(String), { minLength: 1, maxLength: 3 }).map((NS): AttributeValue => ({ NS })),
    fc
      .uniqueArray(bytes, { minLength: 1, maxLength: 3, selector: (each) => each.join() })
      .map((BS): AttributeValue => ({ BS })),
    fc.array(tie("value"), { maxLength: 3 }).map((L): AttributeValue => ({ L })),
    fc.dictionary(attributeName, tie("value"), { maxKeys: 3 }).map((M): AttributeValue => ({ M })),
  ),
}))

export const anyValue: fc.Arbitrary<AttributeValue> = value.map(normalize)

export const anyItem: fc.Arbitrary<Item> = fc.dictionary(attributeName, anyValue, { maxKeys: 4, noNullPrototype: true })
