/** For tests: expressions as programs write them, and as they should not, with the names and values that belong to them. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"
import {
  anyValue,
  type Arbitrary,
  bytes,
  keyValue,
  type KeyType,
  often,
  rarely,
  seldom,
  text,
  value,
} from "./value-arbitraries.js"

/** A part of an expression: text as it is, or something that needs a placeholder, or may have one. */
type Token = string | { readonly name: string } | { readonly value: AttributeValue }
export type Tokens = readonly Token[]

const valueToken: Arbitrary<Tokens> = anyValue.map((value) => [{ value }])
const smallNumber: Arbitrary<Tokens> = often("0", "1", "2", "10").map((N) => [{ value: { N } }])

const path: Arbitrary<Tokens> = rarely(
  fc
    .tuple(
      often("a", "b", "c", "m", "l", "s", "g", "name", "p"),
      fc.array(
        fc.oneof(
          { weight: 2, arbitrary: often<Tokens>([".", { name: "x" }], [".", { name: "y" }], [".", { name: "n.d" }]) },
          { weight: 2, arbitrary: often<Tokens>(["[0]"], ["[1]"], ["[ 2 ]"]) },
        ),
        { maxLength: 2 },
      ),
      often(0, 0, 1, 1, 2),
    )
    .map(([name, steps, depth]) => [{ name }, ...steps.slice(0, depth).flat()]),
  often<Tokens>(
    ["a", "."],
    ["[0]"],
    ["a[", "]"],
    ["a[-1]"],
    ["a[1.5]"],
    ["a..b"],
    ["size"],
    ["a b"],
    ["1a"],
    ["_a"],
    ["a-b"],
  ),
)

const joined = (separator: string, parts: readonly Tokens[]): Tokens =>
  parts.flatMap((part, at) => (at === 0 ? part : [separator, ...part]))
const call = (name: string, ...parts: readonly Tokens[]): Tokens => [name, " (", ...joined(", ", parts), ")"]

const operand: Arbitrary<Tokens> = fc.oneof(
  { weight: 5, arbitrary: path },
  { weight: 6, arbitrary: valueToken },
  { weight: 2, arbitrary: path.map((of) => call("size", of)) },
)
const comparator = often("=", "<>", "<", "<=", ">", ">=")
const typeName = rarely(often("S", "N", "B", "SS", "NS", "BS", "L", "M", "BOOL", "NULL"), often("X", "", "s"), 10)

const literal = (of: Arbitrary<AttributeValue>): Arbitrary<Tokens> => of.map((value) => [{ value }])
const infix = (left: Arbitrary<Tokens>, by: Arbitrary<string>, right: Arbitrary<Tokens>): Arbitrary<Tokens> =>
  fc.tuple(left, by, right).map(([l, between, r]) => [...l, ` ${between} `, ...r])
const between = (of: Arbitrary<Tokens>, from: Arbitrary<Tokens>, to: Arbitrary<Tokens>): Arbitrary<Tokens> =>
  fc.tuple(of, from, to).map(([what, lower, upper]) => [...what, " BETWEEN ", ...lower, " AND ", ...upper])
const isIn = (of: Arbitrary<Tokens>, one: Arbitrary<Tokens>): Arbitrary<Tokens> =>
  fc
    .tuple(of, fc.array(one, { minLength: 1, maxLength: 3 }))
    .map(([what, list]) => [...what, " IN (", ...joined(", ", list), ")"])
const called = (name: string, ...parts: readonly Arbitrary<Tokens>[]): Arbitrary<Tokens> =>
  fc.tuple(...parts).map((all) => call(name, ...all))

const soundNumber = often("0", "1", "2", "10", "-1", "1.5").map((N) => ({ N }))
const soundText = often("a", "b", "ab").map((S) => ({ S }))
const soundScalar: Arbitrary<AttributeValue> = fc.oneof(
  soundNumber,
  soundText,
  bytes.map((B) => ({ B })),
)
const soundPath: Arbitrary<Tokens> = often<Tokens>(
  ...["a", "b", "c", "g", "l", "m", "s", "name"].map((name): Tokens => [{ name }]),
  [{ name: "l" }, "[0]"],
  [{ name: "l" }, "[1]"],
  [{ name: "m" }, ".", { name: "x" }],
  [{ name: "m" }, ".", { name: "y" }],
  [{ name: "c" }, ".", { name: "n.d" }],
  [{ name: "b" }, "[0].", { name: "x" }],
)
const keyPath = often<Tokens>([{ name: "p" }], [{ name: "i" }])

/** Right, whatever the item holds. */
const soundTest: Arbitrary<Tokens> = fc.oneof(
  infix(soundPath, comparator, literal(soundScalar)),
  infix(literal(soundScalar), comparator, soundPath),
  infix(soundPath, comparator, soundPath),
  infix(soundPath, often("=", "<>"), literal(value)),
  infix(keyPath, comparator, literal(soundScalar)),
  infix(called("size", soundPath), comparator, literal(soundNumber)),
  called("attribute_exists", fc.oneof(soundPath, keyPath)),
  called("attribute_not_exists", fc.oneof(soundPath, keyPath)),
  called("attribute_type", soundPath, literal(often("S", "N", "B", "SS", "NS", "L", "M", "BOOL").map((S) => ({ S })))),
  called("begins_with", soundPath, literal(soundText)),
  called("begins_with", soundPath, soundPath),
  called("contains", soundPath, literal(value)),
  called("contains", soundPath, soundPath),
  between(soundPath, literal(often("0", "1").map((N) => ({ N }))), literal(often("1", "10").map((N) => ({ N })))),
  between(soundPath, soundPath, literal(soundScalar)),
  isIn(soundPath, fc.oneof(literal(value), soundPath)),
)

const wildTest: Arbitrary<Tokens> = fc.oneof(
  { weight: 6, arbitrary: infix(operand, comparator, operand) },
  { weight: 2, arbitrary: called("attribute_exists", path) },
  { weight: 2, arbitrary: called("attribute_not_exists", path) },
  { weight: 2, arbitrary: called("attribute_type", path, literal(typeName.map((S) => ({ S })))) },
  { weight: 2, arbitrary: called("begins_with", operand, operand) },
  { weight: 3, arbitrary: called("contains", operand, operand) },
  { weight: 2, arbitrary: between(operand, operand, operand) },
  { weight: 2, arbitrary: isIn(operand, operand) },
  { weight: 1, arbitrary: called("size", path) },
  { weight: 1, arbitrary: called("begins_with", path) },
  { weight: 1, arbitrary: called("nonsense", path) },
  { weight: 1, arbitrary: operand },
)

const logical = (test: Arbitrary<Tokens>): Arbitrary<Tokens> =>
  fc.letrec<{ any: Tokens }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 5, arbitrary: test },
      { weight: 1, arbitrary: tie("any").map((inner) => ["NOT ", ...inner]) },
      { weight: 1, arbitrary: tie("any").map((inner) => ["(", ...inner, ")"]) },
      { weight: 2, arbitrary: infix(tie("any"), often("AND", "OR", "and", "oR"), tie("any")) },
    ),
  })).any

export const condition: Arbitrary<Tokens> = rarely(logical(soundTest), logical(rarely(soundTest, wildTest, 1)), 12)

const assigned: Arbitrary<Tokens> = fc.letrec<{ value: Tokens; operand: Tokens }>((tie) => ({
  operand: fc.oneof(
    { maxDepth: 2 },
    { weight: 3, arbitrary: path },
    { weight: 4, arbitrary: fc.oneof(valueToken, smallNumber) },
    { weight: 2, arbitrary: fc.tuple(path, tie("operand")).map(([of, other]) => call("if_not_exists", of, other)) },
    { weight: 2, arbitrary: fc.tuple(tie("operand"), tie("operand")).map((both) => call("list_append", ...both)) },
  ),
  value: fc.oneof(
    { weight: 4, arbitrary: tie("operand") },
    {
      weight: 2,
      arbitrary: fc
        .tuple(tie("operand"), often(" + ", " - "), tie("operand"))
        .map(([left, by, right]) => [...left, by, ...right]),
    },
    { weight: 2, arbitrary: fc.tuple(path, smallNumber).map(([left, right]) => [...left, " + ", ...right]) },
  ),
})).value

const listed = (part: Arbitrary<Tokens>) =>
  fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => joined(", ", parts))

const clause: Arbitrary<Tokens> = fc.oneof(
  {
    weight: 6,
    arbitrary: listed(fc.tuple(path, assigned).map(([to, from]) => [...to, " = ", ...from])).map((of) => [
      "SET ",
      ...of,
    ]),
  },
  { weight: 3, arbitrary: listed(path).map((of) => ["REMOVE ", ...of]) },
  {
    weight: 2,
    arbitrary: listed(fc.tuple(path, fc.oneof(valueToken, smallNumber)).map(([to, by]) => [...to, " ", ...by])).map(
      (of) => ["ADD ", ...of],
    ),
  },
  {
    weight: 2,
    arbitrary: listed(
      fc.tuple(often<Tokens>(["s"], ["b"], ["m", ".x"]), valueToken).map(([to, by]) => [...to, " ", ...by]),
    ).map((of) => ["DELETE ", ...of]),
  },
)

const wildUpdate: Arbitrary<Tokens> = fc.tuple(clause, seldom(clause, 2), seldom(clause, 4)).map((clauses) =>
  joined(
    " ",
    clauses.filter((one) => one !== undefined),
  ),
)

/** What an update does to one attribute: a clause's word, and what stands behind it. */
type Action = readonly [clause: "SET" | "REMOVE" | "ADD" | "DELETE", Tokens]

const to = (path: Tokens, from: Arbitrary<Tokens>): Arbitrary<Action> =>
  from.map((tokens) => ["SET", [...path, " = ", ...tokens]])
const by = (clause: "ADD" | "DELETE", path: Tokens, amount: Arbitrary<AttributeValue>): Arbitrary<Action> =>
  amount.map((value) => [clause, [...path, " ", { value }]])
const without = (path: Tokens): Arbitrary<Action> => fc.constant(["REMOVE", path])
const ifNone = (path: Tokens, other: Arbitrary<AttributeValue>) =>
  called("if_not_exists", fc.constant(path), literal(other))

const aList = fc.array(value, { maxLength: 2 }).map((L) => ({ L }))
const aSet: Arbitrary<AttributeValue> = fc.oneof(
  fc.uniqueArray(text, { minLength: 1, maxLength: 2 }).map((SS) => ({ SS })),
  fc.uniqueArray(often("1", "2", "10", "3"), { minLength: 1, maxLength: 2 }).map((NS) => ({ NS })),
)

/** What programs do to attributes of these names: right for most items, and wrong for some. */
const actionOn: Readonly<Record<string, (path: Tokens) => Arbitrary<Action>>> = {
  a: (path) =>
    fc.oneof(
      to(path, literal(soundNumber)),
      to(path, infix(fc.constant(path), often("+", "-"), literal(soundNumber))),
      to(path, infix(ifNone(path, soundNumber), often("+", "-"), literal(soundNumber))),
      by("ADD", path, soundNumber),
      without(path),
    ),
  b: (path) => fc.oneof(to(path, literal(value)), to(path, ifNone(path, value)), without(path)),
  c: (path) => fc.oneof(to(path, literal(value)), to(path, soundPath), by("ADD", path, soundNumber), without(path)),
  g: (path) => fc.oneof(to(path, literal(soundText)), without(path)),
  l: (path) =>
    fc.oneof(
      to(path, literal(aList)),
      to(path, called("list_append", fc.constant(path), literal(aList))),
      to(path, called("list_append", literal(aList), ifNone(path, aList))),
      to([...path, "[0]"], literal(value)),
      to([...path, "[7]"], literal(value)),
      without([...path, "[1]"]),
    ),
  m: (path) =>
    fc.oneof(
      to(path, literal(fc.dictionary(often("x", "y"), value, { maxKeys: 2 }).map((M) => ({ M })))),
      to([...path, ".", { name: "x" }], literal(value)),
      by("ADD", [...path, ".", { name: "y" }], soundNumber),
      without([...path, ".", { name: "y" }]),
    ),
  s: (path) => fc.oneof(to(path, literal(aSet)), by("ADD", path, aSet), by("DELETE", path, aSet)),
  name: (path) => fc.oneof(to(path, literal(value)), without(path)),
}

const soundUpdate: Arbitrary<Tokens> = fc
  .shuffledSubarray(Object.keys(actionOn), { minLength: 1, maxLength: 4 })
  .chain((names) => fc.tuple(...names.map((name) => actionOn[name]!([{ name }]))))
  .map((actions) => {
    const clauses = [...new Set(actions.map(([clause]) => clause))]
    const parts = (of: string) => actions.flatMap(([clause, tokens]) => (clause === of ? [tokens] : []))
    return joined(
      " ",
      clauses.map((clause) => [`${clause} `, ...joined(", ", parts(clause))]),
    )
  })

export const update: Arbitrary<Tokens> = rarely(soundUpdate, wildUpdate, 8)

export const projection: Arbitrary<Tokens> = rarely(
  fc.uniqueArray(fc.oneof(soundPath, keyPath), {
    minLength: 1,
    maxLength: 3,
    selector: (one) => JSON.stringify(one[0]),
  }),
  fc.array(path, { minLength: 1, maxLength: 3 }),
  10,
).map((paths) => joined(", ", paths))

/** A key condition; the hash key's attribute comes first. */
export const keyCondition = (
  hash: string,
  hashType: KeyType,
  range?: string,
  rangeType: KeyType = "N",
): Arbitrary<Tokens> => {
  const keyToken = (type: KeyType): Arbitrary<Tokens> => keyValue(type).map((value) => [{ value }])
  const hashPart = keyToken(hashType).map((value): Tokens => [{ name: hash }, " = ", ...value])
  const name = { name: range ?? "i" }
  const rangePart: Arbitrary<Tokens> = fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(rarely(often("=", "<", "<=", ">", ">="), often("<>"), 20), keyToken(rangeType))
        .map(([by, value]) => [name, ` ${by} `, ...value]),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(keyToken(rangeType), keyToken(rangeType))
        .map(([from, to]) => [name, " BETWEEN ", ...from, " AND ", ...to]),
    },
    { weight: 2, arbitrary: keyToken(rangeType).map((value) => call("begins_with", [name], value)) },
    { weight: 1, arbitrary: keyToken(rangeType).map((value) => [...value, " >= ", name]) },
  )
  const both = fc
    .tuple(hashPart, rangePart, rarely(fc.constant(false), fc.constant(true), 4), seldom(often("(", "()"), 4))
    .map(([first, second, swapped, parentheses]): Tokens => {
      const [left, right] = swapped ? [second, first] : [first, second]
      if (parentheses === "(") return ["(", ...left, ") AND (", ...right, ")"]
      if (parentheses === "()") return ["(", ...left, " AND ", ...right, ")"]
      return [...left, " AND ", ...right]
    })
  return rarely(
    range === undefined ? hashPart : fc.oneof(hashPart, both, both),
    fc.oneof(both, rangePart, condition),
    15,
  )
}

// ---------------------------------------------------------------------------- expressions as they stand in a request

/** How an expression's parts get their placeholders, and what is wrong with it. */
interface Style {
  /** For each name in turn: whether it gets a placeholder. */
  readonly aliases: readonly boolean[]
  readonly mistake:
    { readonly at: number; readonly kind: "drop" | "double" | "insert"; readonly text: string } | undefined
  readonly placeholders: "right" | "unused value" | "unused name" | "undefined value" | "undefined name" | "bad"
}

const style: Arbitrary<Style> = fc.record({
  aliases: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  mistake: seldom(
    fc.record({
      at: fc.nat(12),
      kind: often("drop", "double", "insert"),
      text: often(",", "(", ")", " AND ", " = ", "#", ":", " SET ", "\n", "$", "'x'", " 1 ", " NOT "),
    }),
    25,
  ),
  placeholders: rarely(
    fc.constant("right" as const),
    often("unused value", "unused name", "undefined value", "undefined name", "bad" as const),
    30,
  ),
})

/** Names that are no identifiers, or that the service has reserved, cannot stand in an expression as they are. */
const needsAlias = (name: string) => !/^[a-z]$/.test(name)

type Expressions = Readonly<Record<string, Tokens | undefined>>

/** The expressions as text, with their names and values. */
function written(expressions: Expressions, { aliases, mistake, placeholders }: Style): Record<string, unknown> {
  const names = new Map<string, string>()
  const values: AttributeValue[] = []
  let turn = 0
  const render = (token: Token): string => {
    if (typeof token === "string") return token
    if ("value" in token) return `:v${values.push(token.value) - 1}`
    const alias = aliases[turn++ % aliases.length] === true
    // Now and then a reserved word stands as it is.
    if (!alias && (!needsAlias(token.name) || aliases.every((one) => !one))) return token.name
    const known = names.get(token.name) ?? `#n${names.size}`
    names.set(token.name, known)
    return known
  }
  const texts = Object.entries(expressions).flatMap(([member, tokens]) => {
    if (tokens === undefined) return []
    const rendered = tokens.map(render)
    if (mistake !== undefined && member === Object.keys(expressions)[0]) spoil(rendered, mistake)
    return [[member, rendered.join("")] as const]
  })
  const nameEntries: [string, string][] = [...names].map(([name, alias]) => [alias, name])
  const valueEntries: [string, AttributeValue][] = values.map((value, at) => [`:v${at}`, value])
  if (placeholders === "unused value") valueEntries.push([":unused", { N: "1" }])
  if (placeholders === "unused name") nameEntries.push(["#unused", "zz"])
  if (placeholders === "undefined value") valueEntries.shift()
  if (placeholders === "undefined name") nameEntries.shift()
  if (placeholders === "bad") valueEntries.push(["v", { N: "1" }])
  return {
    ...Object.fromEntries(texts),
    ...(nameEntries.length > 0 && { ExpressionAttributeNames: Object.fromEntries(nameEntries) }),
    ...(valueEntries.length > 0 && { ExpressionAttributeValues: Object.fromEntries(valueEntries) }),
  }
}

function spoil(parts: string[], { at, kind, text }: NonNullable<Style["mistake"]>): void {
  const place = at % parts.length
  if (kind === "drop") parts.splice(place, 1)
  if (kind === "double") parts.splice(place, 0, parts[place]!)
  if (kind === "insert") parts.splice(place, 0, text)
}

/** Members of a request: expressions as text, with their names and values. */
export const expressions = (
  of: Readonly<Record<string, Arbitrary<Tokens | undefined>>>,
): Arbitrary<Record<string, unknown>> =>
  fc.tuple(fc.record(of), style).map(([parts, how]) => written(parts as Expressions, how))
