import fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import { anyCondition, print } from "./condition-arbitraries.js"
import { parseCondition } from "./condition.js"
import { exampleItem, placeholdersFor, refusals } from "./example-request.js"
import { holds } from "./holds.js"
import { Placeholders } from "./placeholders.js"

const parse = (text: string) => parseCondition("ConditionExpression", text, placeholdersFor(text))
const holdsFor = (text: string, item = exampleItem) => holds(parse(text), item)

describe("is true of the item", () => {
  test.each([
    "n = :five",
    "same = n",
    "n <> :one",
    "n > :one AND n >= same AND n <= same",
    "s < emoji",
    "n <> absent",
    "absent <> absent2",
    "n <> s",
    "yes = :true",
    "nothing = :null",
    "ss = :ab",
    "m.a = :one",
    "l[1] = :one",
    "#l[3].x > :a",
    "#dot > :a",
    "l[0] < l[1]",
    "n BETWEEN :one AND :five",
    "s BETWEEN :a AND :bc",
    ":two between m.a and n",
    "n IN (:one, same)",
    "attribute_exists(l[3].x)",
    "attribute_not_exists(l[4])",
    "attribute_not_exists(toString)",
    "attribute_not_exists(m.toString)",
    "attribute_not_exists(s.charAt)",
    "attribute_type(n, :N)",
    "attribute_type(ss, :SS)",
    "begins_with(s, :a)",
    "begins_with(bin, :first)",
    "contains(s, :bc)",
    "contains(ss, :a)",
    "contains(ns, :two)",
    "contains(bs, :first)",
    "contains(bin, :bytes)",
    "contains(l, :two)",
    "contains(:ab, m.b[0]) OR contains(:ab, :a)",
    "size(s) > :two",
    "size(ss) = :two AND size(m) = :two",
    "size(emoji) BETWEEN size(s) AND size(s)",
    "NOT n = :one",
    "NOT contains(s, n)",
    "((n) = (:five))",
  ])("%s", (text) => {
    expect(holdsFor(text)).toBe(true)
  })
})

describe("is not true of the item", () => {
  test.each([
    "absent = :one",
    "absent = absent2",
    "absent < :one",
    "n = s",
    "n < s",
    "s > n",
    "yes < n",
    "size(n) = :one",
    "size(n) < :five",
    "size(absent) = :one",
    "n BETWEEN s AND emoji",
    "n BETWEEN same AND m.a",
    "absent IN (absent2)",
    "attribute_type(absent, :N)",
    "begins_with(n, :a)",
    "contains(n, :five)",
    "contains(m, :a)",
    "contains(ss, :one)",
    "contains(absent, :a)",
    "l.x = :one",
    "m[0] = :one",
  ])("%s", (text) => {
    expect(holdsFor(text)).toBe(false)
  })
})

describe("precedence", () => {
  test.each([
    ["n = :five OR n = :five AND s = :a", true],
    ["(n = :five OR n = :five) AND s = :a", false],
    ["NOT s = :a AND n = :one", false],
    ["NOT (s = :a AND n = :one)", true],
    ["not not n = :five", true],
    ["n BETWEEN :one AND :five AND s = :a", false],
  ])("%s is %s", (text, truth) => {
    expect(holdsFor(text)).toBe(truth)
  })
})

it("sees a missing item as one without attributes", () => {
  expect(holds(parse("attribute_not_exists(p)"), undefined)).toBe(true)
  expect(holds(parse("n = :one"), undefined)).toBe(false)
})

it("is the same condition after printing and parsing", () => {
  fc.assert(
    fc.property(anyCondition, (condition) => {
      const { text, names, values } = print(condition)
      const placeholders = new Placeholders(names, values)
      expect(parseCondition("FilterExpression", text, placeholders)).toEqual(condition)
      placeholders.assertAllUsed()
    }),
  )
})

describe("is refused", () => {
  it("for a token that nothing can be made of, told with its neighbours", () => {
    const texts = ["a x b", "a = ", "  = s", "a = :one b", "a = :one)", "(a = :one", "a", "not (a)", "a and b", " "]
    const paths = ["a[-1] = :one", "a[1.5] = :one", "a[01] = :one", "a..b = :one", "a.1 = :one", "_a = :one"]
    const others = ["a == :one", "a != :one", "a = 'x y' z", "a = #", "a in ()", "a < :one < :two", "(a, b) = :one"]
    const more = ["and = :one", "attribute_exists()", "a between :one or :two", "a = é"]
    expect(refusals(parse, [...texts, ...paths, ...others, ...more])).toMatchInlineSnapshot(`
      "a x b
          Invalid ConditionExpression: Syntax error; token: "x", near: "a x b"
      a = 
          Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "= "
        = s
          Invalid ConditionExpression: Syntax error; token: "=", near: "  = s"
      a = :one b
          Invalid ConditionExpression: Syntax error; token: "b", near: ":one b"
      a = :one)
          Invalid ConditionExpression: Syntax error; token: ")", near: ":one)"
      (a = :one
          Invalid ConditionExpression: Syntax error; token: "<EOF>", near: ":one"
      a
          Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "a"
      not (a)
          Invalid ConditionExpression: Syntax error; token: "<EOF>", near: ")"
      a and b
          Invalid ConditionExpression: Syntax error; token: "and", near: "a and b"
       
          Invalid ConditionExpression: Syntax error; token: "<EOF>", near: " "
      a[-1] = :one
          Invalid ConditionExpression: Syntax error; token: "-", near: "[-1"
      a[1.5] = :one
          Invalid ConditionExpression: Syntax error; token: ".", near: "1.5"
      a[01] = :one
          Invalid ConditionExpression: Syntax error; token: "1", near: "01]"
      a..b = :one
          Invalid ConditionExpression: Syntax error; token: ".", near: "..b"
      a.1 = :one
          Invalid ConditionExpression: Syntax error; token: "1", near: ".1 ="
      _a = :one
          Invalid ConditionExpression: Syntax error; token: "_", near: "_a"
      a == :one
          Invalid ConditionExpression: Syntax error; token: "=", near: "== :one"
      a != :one
          Invalid ConditionExpression: Syntax error; token: "!", near: "a !="
      a = 'x y' z
          Invalid ConditionExpression: Syntax error; token: "'x y'", near: "= 'x y' z"
      a = #
          Invalid ConditionExpression: Syntax error; token: "#", near: "= #"
      a in ()
          Invalid ConditionExpression: Syntax error; token: ")", near: "()"
      a < :one < :two
          Invalid ConditionExpression: Syntax error; token: "<", near: ":one < :two"
      (a, b) = :one
          Invalid ConditionExpression: Syntax error; token: ",", near: "a, b"
      and = :one
          Invalid ConditionExpression: Syntax error; token: "and", near: "and ="
      attribute_exists()
          Invalid ConditionExpression: Syntax error; token: ")", near: "()"
      a between :one or :two
          Invalid ConditionExpression: Syntax error; token: "or", near: ":one or :two"
      a = é
          Invalid ConditionExpression: Syntax error; token: "é", near: "= é""
    `)
  })

  it("for names and values that are not there", () => {
    expect(refusals(parse, ["a = :u", "#u = :one", "name = :one", "a.Size = :one", "#name = :u"]))
      .toMatchInlineSnapshot(`
      "a = :u
          Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :u
      #u = :one
          Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #u
      name = :one
          Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name
      a.Size = :one
          Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: Size
      #name = :u
          Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :u"
    `)
  })

  it("for functions that there are not, are elsewhere, or take something else", () => {
    const texts = ["foo(a)", "SIZE(a) = :one", "if_not_exists(a, :one)", "size(a)", "attribute_exists(a) = :one"]
    const operands = ["size(a, b) = :one", "size(:one) = :one", "size(size(a)) = :one", "attribute_exists(:one)"]
    const types = ["attribute_type(a, :one)", "attribute_type(a, :a)", "attribute_type(a, b)", "begins_with(a, :one)"]
    expect(refusals(parse, [...texts, ...operands, ...types])).toMatchInlineSnapshot(`
      "foo(a)
          Invalid ConditionExpression: Invalid function name; function: foo
      SIZE(a) = :one
          Invalid ConditionExpression: Invalid function name; function: SIZE
      if_not_exists(a, :one)
          Invalid ConditionExpression: The function is not allowed in a condition expression; function: if_not_exists
      size(a)
          Invalid ConditionExpression: The function is not allowed to be used this way in an expression; function: size
      attribute_exists(a) = :one
          Invalid ConditionExpression: The function is not allowed to be used this way in an expression; function: attribute_exists
      size(a, b) = :one
          Invalid ConditionExpression: Incorrect number of operands for operator or function; operator or function: size, number of operands: 2
      size(:one) = :one
          Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: size, operand type: N
      size(size(a)) = :one
          Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: size, operand type: N
      attribute_exists(:one)
          Invalid ConditionExpression: Operator or function requires a document path; operator or function: attribute_exists
      attribute_type(a, :one)
          Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N
      attribute_type(a, :a)
          Invalid ConditionExpression: Invalid attribute type name found; type: a, valid types: {M,S,BOOL,L,SS,NS,NULL,B,BS,N}
      attribute_type(a, b)
          Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {M,S,BOOL,L,SS,NS,NULL,B,BS,N}
      begins_with(a, :one)
          Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"
    `)
  })

  it("for operands that make no sense together", () => {
    const same = ["a = a", "#n = n", "a in (:one, a)", "contains(a, a)", "a between b and a"]
    const types = ["a < :list", "a between :one and :a", "a between :two and :one", "a between :list and :list"]
    expect(refusals(parse, [...same, ...types])).toMatchInlineSnapshot(`
      "a = a
          Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]
      #n = n
          Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]
      a in (:one, a)
          Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: IN, first operand: [a]
      contains(a, a)
          Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [a]
      a between b and a
          Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: BETWEEN, first operand: [a]
      a < :list
          Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: <, operand type: L
      a between :one and :a
          Invalid ConditionExpression: The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}
      a between :two and :one
          Invalid ConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}
      a between :list and :list
          Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: L"
    `)
  })

  it("for parentheses around parentheses", () => {
    expect(refusals(parse, ["((a = :one))", "((a)) = :one", "a = :one AND ((b = :two OR c = :one))"]))
      .toMatchInlineSnapshot(`
      "((a = :one))
          Invalid ConditionExpression: The expression has redundant parentheses;
      ((a)) = :one
          Invalid ConditionExpression: The expression has redundant parentheses;
      a = :one AND ((b = :two OR c = :one))
          Invalid ConditionExpression: The expression has redundant parentheses;"
    `)
  })

  it("for the first of several problems: syntax and parentheses, functions and words, then operands", () => {
    const texts = [
      "name = ((:u)) AND foo(a) b",
      "b b = ((:u))",
      "name = ((:u)) AND foo(a)",
      "foo(name)",
      "name = :one AND foo(a)",
    ]
    expect(refusals(parse, [...texts, "a = a AND name = :one", "a = a AND b = :u", "b = :u AND a = a"]))
      .toMatchInlineSnapshot(`
      "name = ((:u)) AND foo(a) b
          Invalid ConditionExpression: The expression has redundant parentheses;
      b b = ((:u))
          Invalid ConditionExpression: Syntax error; token: "b", near: "b b ="
      name = ((:u)) AND foo(a)
          Invalid ConditionExpression: The expression has redundant parentheses;
      foo(name)
          Invalid ConditionExpression: Invalid function name; function: foo
      name = :one AND foo(a)
          Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name
      a = a AND name = :one
          Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name
      a = a AND b = :u
          Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]
      b = :u AND a = a
          Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :u"
    `)
  })
})

describe("is limited", () => {
  const operators = (count: number) => `${"NOT ".repeat(count - 1)}n = :five`
  const list = (count: number) => `n IN (${Array(count).fill(":five").join(",")})`
  const path = (steps: number) => `attribute_exists(a${".a".repeat(steps - 1)})`
  const bytes = (count: number) => "attribute_exists(s)".padEnd(count)

  it("to 300 operators, 100 operands of IN, 32 steps of a path and 4096 bytes", () => {
    for (const text of [operators(300), list(100), path(32), bytes(4096)]) expect(() => parse(text)).not.toThrow()
    expect(() => parse(operators(301))).toThrowErrorMatchingInlineSnapshot(
      `[ValidationException: Invalid ConditionExpression: The expression contains too many operators; operator count: 301]`,
    )
    expect(() => parse(list(101))).toThrowErrorMatchingInlineSnapshot(
      `[ValidationException: Invalid ConditionExpression: The IN operator is provided with too many operands; number of operands: 101]`,
    )
    expect(() => parse(path(33))).toThrowErrorMatchingInlineSnapshot(
      `[ValidationException: Invalid ConditionExpression: The document path has too many nesting levels; nesting levels: 33]`,
    )
    expect(() => parse(bytes(4097))).toThrowErrorMatchingInlineSnapshot(
      `[ValidationException: Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4097]`,
    )
    expect(() => parse("")).toThrowErrorMatchingInlineSnapshot(
      `[ValidationException: Invalid ConditionExpression: The expression can not be empty;]`,
    )
    expect(() => parse("attribute_exists(a[2147483648])")).toThrowErrorMatchingInlineSnapshot(
      `[ValidationException: Invalid ConditionExpression: List index is not within the allowable range; index: [2147483648]]`,
    )
  })
})
