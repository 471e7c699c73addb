import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { expect, it } from "vitest"
import { parseCondition } from "./condition.js"
import { Placeholders, assertPlaceholdersAllowed } from "./placeholders.js"
import { isReserved } from "./reserved-words.js"

type Names = Record<string, string> | undefined
type Values = Record<string, unknown> | undefined

function problem(names: Names, values: Values, expression?: string): string {
  try {
    const placeholders = new Placeholders(names, values as Record<string, AttributeValue> | undefined)
    if (expression !== undefined) parseCondition("ConditionExpression", expression, placeholders)
    placeholders.assertAllUsed()
    return "none"
  } catch (error) {
    return (error as Error).message
  }
}

it("may be any letters, digits and underscores", () => {
  expect(problem({ "#_": "a", "#1": "b c" }, { ":_1": { S: "x" } }, "#_ = :_1 AND attribute_exists(#1)")).toBe("none")
})

it("must be well-formed", () => {
  const names = [{}, { a: "a" }, { "#": "a" }, { "#a-b": "a" }, { "##a": "a" }, { "": "a" }, { "#a": "" }]
  expect(names.map((each) => problem(each as Names, undefined))).toMatchInlineSnapshot(`
    [
      "ExpressionAttributeNames must not be empty",
      "ExpressionAttributeNames contains invalid key: Syntax error; key: "a"",
      "ExpressionAttributeNames contains invalid key: Syntax error; key: "#"",
      "ExpressionAttributeNames contains invalid key: Syntax error; key: "#a-b"",
      "ExpressionAttributeNames contains invalid key: Syntax error; key: "##a"",
      "ExpressionAttributeNames contains invalid key: The expression attribute map contains an empty key;",
      "ExpressionAttributeNames contains invalid value: Empty attribute name for key #a",
    ]
  `)
  const long = `#${"a".repeat(255)}`
  expect(problem({ [long]: "a" }, undefined)).toMatchInlineSnapshot(
    `"ExpressionAttributeNames contains invalid key: The expression attribute map contains a key that is too long; size of key: 256"`,
  )
  const values = [
    {},
    { a: { S: "a" } },
    { ":a.b": { S: "a" } },
    { ":a": {} },
    { ":a": { SS: [] } },
    { ":a": { N: "x" } },
  ]
  expect(values.map((each) => problem(undefined, each))).toMatchInlineSnapshot(`
    [
      "ExpressionAttributeValues must not be empty",
      "ExpressionAttributeValues contains invalid key: Syntax error; key: "a"",
      "ExpressionAttributeValues contains invalid key: Syntax error; key: ":a.b"",
      "ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :a",
      "ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: An string set  may not be empty for key :a",
      "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x for key :a",
    ]
  `)
})

it("must all be used", () => {
  expect(problem({ "#a": "a", "#b": "b" }, undefined, "attribute_exists(#b)")).toMatchInlineSnapshot(
    `"Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"`,
  )
  expect(problem(undefined, { ":a": { S: "a" }, ":b": { S: "b" } }, "attribute_exists(a)")).toMatchInlineSnapshot(
    `"Value provided in ExpressionAttributeValues unused in expressions: keys: {:a, :b}"`,
  )
})

it("come with expressions only", () => {
  const names = { ExpressionAttributeNames: { "#a": "a" } }
  const values = { ExpressionAttributeValues: { ":a": { S: "a" } } }
  const none = { ConditionExpression: undefined }
  const both = { UpdateExpression: undefined, ConditionExpression: undefined }
  expect(() => assertPlaceholdersAllowed(names, none)).toThrowErrorMatchingInlineSnapshot(
    `[ValidationException: ExpressionAttributeNames can only be specified when using expressions]`,
  )
  expect(() => assertPlaceholdersAllowed(values, none)).toThrowErrorMatchingInlineSnapshot(
    `[ValidationException: ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null]`,
  )
  expect(() => assertPlaceholdersAllowed(values, both)).toThrowErrorMatchingInlineSnapshot(
    `[ValidationException: ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null]`,
  )
  expect(() => assertPlaceholdersAllowed({ ...names, ...values }, { ConditionExpression: "a = :a" })).not.toThrow()
  expect(() => assertPlaceholdersAllowed(names, {}, "#a")).not.toThrow()
})

it("are needed for reserved words, however they are written", () => {
  expect(["name", "Name", "SIZE", "zone", "abort"].map(isReserved)).toEqual([true, true, true, true, true])
  expect(["names1", "metadata", "p", "remove"].map(isReserved)).toEqual([false, false, false, false])
})
