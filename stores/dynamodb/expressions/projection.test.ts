import fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import { anyItem } from "../attribute-value-arbitraries.js"
import { exampleItem, placeholdersFor, refusals } from "./example-request.js"
import { Placeholders } from "./placeholders.js"
import { parseProjection, project } from "./projection.js"

const parse = (text: string) => parseProjection(text, placeholdersFor(text))

describe("takes of the item", () => {
  test.each([
    ["s, n", { s: { S: "abc" }, n: { N: "5" } }],
    ["absent, s.x, l[9], m.absent", {}],
    ["#dot", { "a.b": { S: "dotted" } }],
    ["l[1], l[0]", { l: { L: [{ N: "0" }, { N: "1" }] } }],
    ["l[3].x, l[0]", { l: { L: [{ N: "0" }, { M: { x: { S: "deep" } } }] } }],
    ["m . a", { m: { M: { a: { N: "1" } } } }],
    ["m.b[0], m.a", { m: { M: { a: { N: "1" }, b: { L: [{ S: "z" }] } } } }],
  ])("%s", (text, part) => {
    expect(project(parse(text), exampleItem)).toEqual(part)
  })
})

it("of all attributes is the item", () => {
  fc.assert(
    fc.property(
      anyItem.filter((item) => Object.keys(item).length > 0),
      (item) => {
        const names = Object.fromEntries(Object.keys(item).map((name, at) => [`#${at}`, name]))
        const projection = parseProjection(Object.keys(names).join(", "), new Placeholders(names, undefined))
        expect(project(projection, item)).toEqual(item)
      },
    ),
  )
})

it("is refused", () => {
  const syntax = ["", "s,", "s n", "(s)", "size(s)", ":one", "l[01]", "and"]
  const paths = ["name", "#u", "m, m.a", "s, s", "l[0], l[0].x", "m.a, m[0]", `a${".a".repeat(32)}`]
  expect(refusals(parse, [...syntax, ...paths])).toMatchInlineSnapshot(`
    "
        Invalid ProjectionExpression: The expression can not be empty;
    s,
        Invalid ProjectionExpression: Syntax error; token: "<EOF>", near: ","
    s n
        Invalid ProjectionExpression: Syntax error; token: "n", near: "s n"
    (s)
        Invalid ProjectionExpression: Syntax error; token: "(", near: "(s"
    size(s)
        Invalid ProjectionExpression: Syntax error; token: "(", near: "size(s"
    :one
        Invalid ProjectionExpression: Syntax error; token: ":one", near: ":one"
    l[01]
        Invalid ProjectionExpression: Syntax error; token: "1", near: "01]"
    and
        Invalid ProjectionExpression: Syntax error; token: "and", near: "and"
    name
        Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: name
    #u
        Invalid ProjectionExpression: An expression attribute name used in the document path is not defined; attribute name: #u
    m, m.a
        Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m], path two: [m, a]
    s, s
        Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [s], path two: [s]
    l[0], l[0].x
        Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [l, [0]], path two: [l, [0], x]
    m.a, m[0]
        Invalid ProjectionExpression: Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, a], path two: [m, [0]]
    a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a
        Invalid ProjectionExpression: The document path has too many nesting levels; nesting levels: 33"
  `)
  expect(() => parse("s".padEnd(4097))).toThrowErrorMatchingInlineSnapshot(
    `[ValidationException: Invalid ProjectionExpression: Expression size has exceeded the maximum allowed size;]`,
  )
})
