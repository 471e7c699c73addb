import { describe, expect, it, test } from "vitest"
import { exampleItem, placeholdersFor, refusals } from "./example-request.js"
import { type KeyAttributes, parseKeyCondition } from "./key-condition.js"

const both: KeyAttributes = { hash: "p", range: "i" }
const parse = (text: string, schema = both) => parseKeyCondition(text, placeholdersFor(text), schema)

const hash = exampleItem["p"]
const [one, two] = [{ N: "1" }, { N: "2" }]

describe("is", () => {
  test.each([
    ["p = :P", { hash }],
    [":P = p", { hash }],
    ["(p = :P)", { hash }],
    ["i = :one AND p = :P", { hash, range: { operator: "=", operands: [one] } }],
    ["p = :P and i < :one", { hash, range: { operator: "<", operands: [one] } }],
    ["p = :P and :one < i", { hash, range: { operator: ">", operands: [one] } }],
    ["p = :P and :one >= i", { hash, range: { operator: "<=", operands: [one] } }],
    ["(p = :P) AND (i BETWEEN :one AND :two)", { hash, range: { operator: "BETWEEN", operands: [one, two] } }],
    ["p = :P AND begins_with(i, :a)", { hash, range: { operator: "begins_with", operands: [{ S: "a" }] } }],
  ])("%s", (text, condition) => {
    expect(parse(text)).toEqual(condition)
  })
})

it("is refused", () => {
  const operators = ["p = :P or i = :one", "not p = :P", "p <> :P", "p in (:P)", "attribute_exists(p)"]
  const keys = ["i = :one", "p = :P and n = :one", "n = :one", "p = :P and p = :Q", "p = :P and i > :one and i < :two"]
  const unsupported = ["p < :P", "begins_with(p, :P)", "p = :P and i = :one and n = :one"]
  const operands = ["p = i", ":P = :Q", "size(p) = :one", "p = :P and :one between i and :two", "begins_with(:P, p)"]
  const paths = ["p.a = :P", "p = :P and i[0] = :one", "p = :P and m.a = :one"]
  const expressions = [
    "",
    "p =",
    "p = p",
    "p = :u",
    "name = :P",
    "p = :P and foo(i)",
    "p = :P and i between :two and :one",
  ]
  const all = [...operators, ...keys, ...unsupported, ...operands, ...paths, ...expressions]
  expect(refusals(parse, all)).toMatchInlineSnapshot(`
    "p = :P or i = :one
        Invalid operator used in KeyConditionExpression: OR
    not p = :P
        Invalid operator used in KeyConditionExpression: NOT
    p <> :P
        Invalid operator used in KeyConditionExpression: <>
    p in (:P)
        Invalid operator used in KeyConditionExpression: IN
    attribute_exists(p)
        Invalid operator used in KeyConditionExpression: attribute_exists
    i = :one
        Query condition missed key schema element: p
    p = :P and n = :one
        Query condition missed key schema element: i
    n = :one
        Query condition missed key schema element: p
    p = :P and p = :Q
        KeyConditionExpressions must only contain one condition per key
    p = :P and i > :one and i < :two
        KeyConditionExpressions must only contain one condition per key
    p < :P
        Query key condition not supported
    begins_with(p, :P)
        Query key condition not supported
    p = :P and i = :one and n = :one
        Conditions can be of length 1 or 2 only
    p = i
        Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition
    :P = :Q
        Invalid condition in KeyConditionExpression: No key attribute specified
    size(p) = :one
        KeyConditionExpressions cannot contain nested operations
    p = :P and :one between i and :two
        Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand
    begins_with(:P, p)
        Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its first operand
    p.a = :P
        Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: p
    p = :P and i[0] = :one
        Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: i
    p = :P and m.a = :one
        KeyConditionExpressions cannot have conditions on nested attributes

        Invalid KeyConditionExpression: The expression can not be empty;
    p =
        Invalid KeyConditionExpression: Syntax error; token: "<EOF>", near: "="
    p = p
        Invalid KeyConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [p]
    p = :u
        Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: :u
    name = :P
        Invalid KeyConditionExpression: Attribute name is a reserved keyword; reserved keyword: name
    p = :P and foo(i)
        Invalid KeyConditionExpression: Invalid function name; function: foo
    p = :P and i between :two and :one
        Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"
  `)
})

it("has no second condition where the key is one attribute", () => {
  const parseHash = (text: string) => parse(text, { hash: "p" })
  expect(parseHash("p = :P")).toEqual({ hash })
  expect(refusals(parseHash, ["p = :P and n = :one", "n = :one and s = :a"])).toMatchInlineSnapshot(`
    "p = :P and n = :one
        Query key condition not supported
    n = :one and s = :a
        Query key condition not supported"
  `)
})
