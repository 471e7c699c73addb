import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import { anyItem, anyValue, attributeName } from "../attribute-value-arbitraries.js"
import type { Item } from "../attribute-value.js"
import { applyUpdate } from "./apply-update.js"
import { exampleItem, placeholdersFor, refusals } from "./example-request.js"
import { pathsOf } from "./paths.js"
import { Placeholders } from "./placeholders.js"
import { parseUpdate, touched } from "./update.js"

const parse = (text: string) => parseUpdate(text, placeholdersFor(text))
const update = (text: string, item = exampleItem) => applyUpdate(parse(text), item)

const number = (text: string): AttributeValue => ({ N: text })
const list = (...elements: AttributeValue[]): AttributeValue => ({ L: elements })
const deep: AttributeValue = { M: { x: { S: "deep" } } }

describe("changes", () => {
  test.each<[string, Partial<Item>]>([
    ["SET a = :one", { a: number("1") }],
    ["set a = s, b = n", { a: { S: "abc" }, b: number("5") }],
    ["SET a = n + :one", { a: number("6") }],
    ["SET a = n - :five", { a: number("0") }],
    ["SET a = (n) + (:one)", { a: number("6") }],
    ["SET a = (n + :one)", { a: number("6") }],
    ["SET a = if_not_exists(a, :one)", { a: number("1") }],
    ["SET n = if_not_exists(n, :one) + :two", { n: number("7") }],
    ["SET l = list_append(l, :list)", { l: list(number("0"), number("1"), number("2"), deep, { S: "new" }) }],
    ["SET a = list_append(:list, if_not_exists(a, :none))", { a: list({ S: "new" }) }],
    ["SET m.a = m.b, m.b = m.a", { m: { M: { a: list({ S: "z" }), b: number("1") } } }],
    ["SET s = n, n = s", { s: number("5"), n: { S: "abc" } }],
    ["SET l[0] = :two", { l: list(number("2"), number("1"), number("2"), deep) }],
    [
      "SET l[3].y = :one",
      { l: list(number("0"), number("1"), number("2"), { M: { x: { S: "deep" }, y: number("1") } }) },
    ],
    [
      "SET l[100] = :two, l[50] = :one",
      { l: list(number("0"), number("1"), number("2"), deep, number("1"), number("2")) },
    ],
    ["SET l[9] = l[0] REMOVE l[0], l[2]", { l: list(number("1"), deep, number("0")) }],
    ["REMOVE l[0], l[1]", { l: list(number("2"), deep) }],
    ["REMOVE l[0], l[50]", { l: list(number("1"), number("2"), deep) }],
    ["REMOVE m.a, m.absent", { m: { M: { b: list({ S: "z" }) } } }],
    ["REMOVE absent", {}],
    ["REMOVE s, #dot", { s: undefined, "a.b": undefined }],
    ["ADD n :one", { n: number("6") }],
    ["ADD a :one", { a: number("1") }],
    ["ADD m.a :two", { m: { M: { a: number("3"), b: list({ S: "z" }) } } }],
    ["ADD ss :bcs", { ss: { SS: ["a", "b", "c"] } }],
    ["ADD ns :ns", { ns: { NS: ["1", "2", "3"] } }],
    ["ADD a :bcs", { a: { SS: ["b", "c"] } }],
    ["DELETE ss :bcs", { ss: { SS: ["a"] } }],
    ["DELETE ns :ns", { ns: { NS: ["1"] } }],
    ["DELETE ss :ab", { ss: undefined }],
    ["DELETE bs :bs", { bs: undefined }],
    ["DELETE absent :ab", {}],
    [
      "SET a = :one ADD n :one REMOVE s DELETE ss :bcs",
      { a: number("1"), n: number("6"), s: undefined, ss: { SS: ["a"] } },
    ],
  ])("%s", (text, changes) => {
    const before = structuredClone(exampleItem)
    const expected = Object.fromEntries(Object.entries({ ...exampleItem, ...changes }).filter(([, value]) => value))
    expect(update(text)).toEqual(expected)
    expect(exampleItem).toEqual(before)
  })
})

it("says where it writes, and what is there before and after", () => {
  const parsed = parse("SET l[0] = :two, m.a = :two ADD ss :bcs REMOVE s")
  expect(pathsOf(parsed)).toEqual([["l", 0], ["m", "a"], ["ss"], ["s"]])
  const before = { l: list(number("0")), m: { M: { a: number("1") } }, ss: { SS: ["a", "b"] }, s: { S: "abc" } }
  expect(touched(parsed, exampleItem)).toEqual(before)
  const after = { l: list(number("2")), m: { M: { a: number("2") } }, ss: { SS: ["a", "b", "c"] } }
  expect(touched(parsed, applyUpdate(parsed, exampleItem))).toEqual(after)
})

it("sets what it was given, and shares the rest with the item before", () => {
  fc.assert(
    fc.property(anyItem, attributeName, anyValue, (item, name, value) => {
      const parsed = parseUpdate("SET #n = :v", new Placeholders({ "#n": name }, { ":v": value }))
      const after = applyUpdate(parsed, item)
      expect(touched(parsed, after)).toEqual({ [name]: value })
      for (const other of Object.keys(item)) if (other !== name) expect(after[other]).toBe(item[other])
      expect(Object.keys(after).sort()).toEqual([...new Set([...Object.keys(item), name])].sort())
    }),
  )
})

it("means the elements as they were before, whatever is set and removed with them", () => {
  const changes = fc.uniqueArray(
    fc.record({ index: fc.nat({ max: 9 }), action: fc.constantFrom("SET" as const, "REMOVE" as const) }),
    { minLength: 1, maxLength: 6, selector: ({ index }) => index },
  )
  fc.assert(
    fc.property(fc.nat({ max: 6 }), changes, (length, changes) => {
      const elements = Array.from({ length }, (_, at) => `old ${at}`)
      const set = changes.filter(({ action }) => action === "SET").map(({ index }) => index)
      const removed = changes.filter(({ action }) => action === "REMOVE").map(({ index }) => index)
      const clauses = [
        ...(set.length > 0 ? [`SET ${set.map((index) => `l[${index}] = :v`).join(", ")}`] : []),
        ...(removed.length > 0 ? [`REMOVE ${removed.map((index) => `l[${index}]`).join(", ")}`] : []),
      ]
      const values = set.length > 0 ? { ":v": { S: "new" } } : undefined
      const parsed = parseUpdate(clauses.join(" "), new Placeholders(undefined, values))
      const after = applyUpdate(parsed, { l: list(...elements.map((S) => ({ S }))) })
      const kept = elements
        .map((text, at) => (set.includes(at) ? "new" : text))
        .filter((_, at) => !removed.includes(at))
      const appended = set.filter((index) => index >= length).map(() => "new")
      expect(after["l"]!.L!.map(({ S }) => S)).toEqual([...kept, ...appended])
    }),
  )
})

describe("is refused", () => {
  it("by itself", () => {
    const syntax = [
      "",
      "foo",
      "SET",
      "SET a",
      "SET a = :one,",
      "SET a :one",
      "ADD a = :one",
      "ADD n n",
      "SET (a) = :one",
    ]
    const terms = ["SET a = n + :one + :one", "SET a = if_not_exists(n, n + :one)", "SET a = ((n + :one))"]
    const clauses = ["SET a = :one SET b = :one", "REMOVE a SET b = :one REMOVE c"]
    const functions = ["SET a = foo(n)", "SET a = size(n)", "SET a = n + list_append(l, l)", "SET a = if_not_exists(n)"]
    const operands = ["SET a = list_append(l, :one)", "SET a = :a + :one", "SET a = if_not_exists(:one, n)"]
    const types = ["ADD n :a", "ADD n :list", "DELETE n :one", "DELETE ss :a", "SET a = if_not_exists(b, b)"]
    const names = ["SET name = :one", "SET a = :u", "SET #u = :one", "SET set = :one", "SET a = n[2147483648]"]
    const all = [...syntax, ...terms, ...clauses, ...functions, ...operands, ...types, ...names]
    expect(refusals(parse, all)).toMatchInlineSnapshot(`
      "
          Invalid UpdateExpression: The expression can not be empty;
      foo
          Invalid UpdateExpression: Syntax error; token: "foo", near: "foo"
      SET
          Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "SET"
      SET a
          Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "a"
      SET a = :one,
          Invalid UpdateExpression: Syntax error; token: "<EOF>", near: ","
      SET a :one
          Invalid UpdateExpression: Syntax error; token: ":one", near: "a :one"
      ADD a = :one
          Invalid UpdateExpression: Syntax error; token: "=", near: "a = :one"
      ADD n n
          Invalid UpdateExpression: Syntax error; token: "n", near: "n n"
      SET (a) = :one
          Invalid UpdateExpression: Syntax error; token: "(", near: "SET (a"
      SET a = n + :one + :one
          Invalid UpdateExpression: Syntax error; token: "+", near: ":one + :one"
      SET a = if_not_exists(n, n + :one)
          Invalid UpdateExpression: Syntax error; token: "+", near: "n + :one"
      SET a = ((n + :one))
          Invalid UpdateExpression: The expression has redundant parentheses;
      SET a = :one SET b = :one
          Invalid UpdateExpression: The "SET" section can only be used once in an update expression;
      REMOVE a SET b = :one REMOVE c
          Invalid UpdateExpression: The "REMOVE" section can only be used once in an update expression;
      SET a = foo(n)
          Invalid UpdateExpression: Invalid function name; function: foo
      SET a = size(n)
          Invalid UpdateExpression: The function is not allowed in an update expression; function: size
      SET a = n + list_append(l, l)
          Invalid UpdateExpression: The function is not allowed to be used this way in an expression; function: list_append
      SET a = if_not_exists(n)
          Invalid UpdateExpression: Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1
      SET a = list_append(l, :one)
          Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: list_append, operand type: N
      SET a = :a + :one
          Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: +, operand type: S
      SET a = if_not_exists(:one, n)
          Invalid UpdateExpression: Operator or function requires a document path; operator or function: if_not_exists
      ADD n :a
          Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND
      ADD n :list
          Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: LIST, typeSet: ALLOWED_FOR_ADD_OPERAND
      DELETE n :one
          Invalid UpdateExpression: Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND
      DELETE ss :a
          Invalid UpdateExpression: Incorrect operand type for operator or function; operator: DELETE, operand type: STRING, typeSet: ALLOWED_FOR_DELETE_OPERAND
      SET a = if_not_exists(b, b)
          Invalid UpdateExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: if_not_exists, first operand: [b]
      SET name = :one
          Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name
      SET a = :u
          Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :u
      SET #u = :one
          Invalid UpdateExpression: An expression attribute name used in the document path is not defined; attribute name: #u
      SET set = :one
          Invalid UpdateExpression: Syntax error; token: "set", near: "SET set ="
      SET a = n[2147483648]
          Invalid UpdateExpression: List index is not within the allowable range; index: [2147483648]"
    `)
  })

  it("for places that touch each other", () => {
    const texts = ["SET a = :one, a = :two", "SET a = :one REMOVE a.b", "SET a.b = :one, a[0] = :one", "REMOVE l, l[0]"]
    expect(refusals(parse, [...texts, "ADD #n :one SET n = :one"])).toMatchInlineSnapshot(`
      "SET a = :one, a = :two
          Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]
      SET a = :one REMOVE a.b
          Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]
      SET a.b = :one, a[0] = :one
          Invalid UpdateExpression: Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [0]]
      REMOVE l, l[0]
          Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [l], path two: [l, [0]]
      ADD #n :one SET n = :one
          Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]"
    `)
  })

  it("for the last of several actions that are wrong", () => {
    expect(refusals(parse, ["SET a = :u, b = #u", "ADD n :a, s :list"])).toMatchInlineSnapshot(`
      "SET a = :u, b = #u
          Invalid UpdateExpression: An expression attribute name used in the document path is not defined; attribute name: #u
      ADD n :a, s :list
          Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: LIST, typeSet: ALLOWED_FOR_ADD_OPERAND"
    `)
  })

  it("by the item", () => {
    const missing = ["SET a = absent", "SET a = n + absent", "SET a = list_append(absent, l)", "SET a = l[9]"]
    const eager = ["SET a = if_not_exists(n, absent)"]
    const types = ["SET a = n + s", "SET a = list_append(l, n)", "ADD s :one", "ADD ns :ab", "DELETE n :ab"]
    const paths = ["SET absent.a = :one", "SET l[9].a = :one", "SET s.a = :one", "SET m[0] = :one", "SET l.a = :one"]
    const others = ["REMOVE absent.a", "ADD absent.a :one", "DELETE absent.a :ab", "SET s[0] = :one"]
    expect(refusals(update, [...missing, ...eager, ...types, ...paths, ...others])).toMatchInlineSnapshot(`
      "SET a = absent
          The provided expression refers to an attribute that does not exist in the item
      SET a = n + absent
          The provided expression refers to an attribute that does not exist in the item
      SET a = list_append(absent, l)
          The provided expression refers to an attribute that does not exist in the item
      SET a = l[9]
          The provided expression refers to an attribute that does not exist in the item
      SET a = if_not_exists(n, absent)
          The provided expression refers to an attribute that does not exist in the item
      SET a = n + s
          An operand in the update expression has an incorrect data type
      SET a = list_append(l, n)
          An operand in the update expression has an incorrect data type
      ADD s :one
          An operand in the update expression has an incorrect data type
      ADD ns :ab
          An operand in the update expression has an incorrect data type
      DELETE n :ab
          An operand in the update expression has an incorrect data type
      SET absent.a = :one
          The document path provided in the update expression is invalid for update
      SET l[9].a = :one
          The document path provided in the update expression is invalid for update
      SET s.a = :one
          The document path provided in the update expression is invalid for update
      SET m[0] = :one
          The document path provided in the update expression is invalid for update
      SET l.a = :one
          The document path provided in the update expression is invalid for update
      REMOVE absent.a
          The document path provided in the update expression is invalid for update
      ADD absent.a :one
          The document path provided in the update expression is invalid for update
      DELETE absent.a :ab
          The document path provided in the update expression is invalid for update
      SET s[0] = :one
          The document path provided in the update expression is invalid for update"
    `)
  })

  it("for a sum that cannot be stored", () => {
    const item = { big: { N: "9e125" }, small: { N: "1e-100" } }
    expect(refusals((text) => update(text, item), ["SET a = big + big", "SET a = big + small"])).toMatchInlineSnapshot(`
      "SET a = big + big
          Number overflow. Attempting to store a number with magnitude larger than supported range
      SET a = big + small
          Attempting to store more than 38 significant digits in a Number"
    `)
  })

  it("for an item that becomes more than 32 levels deep", () => {
    const nested = (levels: number): AttributeValue => (levels === 0 ? { S: "x" } : { M: { a: nested(levels - 1) } })
    const item = { m: nested(20) }
    const setAt20 = (levels: number) =>
      applyUpdate(
        parseUpdate(`SET m${".a".repeat(20)} = :v`, new Placeholders(undefined, { ":v": nested(levels) })),
        item,
      )
    expect(() => setAt20(11)).not.toThrow()
    expect(() => setAt20(12)).toThrowErrorMatchingInlineSnapshot(
      `[ValidationException: Nesting Levels have exceeded supported limits]`,
    )
  })
})
