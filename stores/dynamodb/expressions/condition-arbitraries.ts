import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"
import { anyValue } from "../attribute-value-arbitraries.js"
import { typeOf } from "../attribute-value.js"
import type { Condition, Operand } from "./condition.js"
import type { DocumentPath } from "./document-path.js"

/* Conditions that nothing is wrong with: a path comes first, values after it. */

const name = fc.oneof(fc.constantFrom("aa", "bb", "b2_"), fc.string({ minLength: 1, maxLength: 4 }))
const path: fc.Arbitrary<DocumentPath> = fc
  .tuple(name, fc.array(fc.oneof(name, fc.nat({ max: 12 })), { maxLength: 3 }))
  .map(([first, rest]) => [first, ...rest])
const pathOperand = path.map((path): Operand => ({ kind: "path", path }))
const operand = fc.oneof(
  pathOperand,
  pathOperand.map((operand): Operand => ({ kind: "size", operand })),
)
const valueOperand = (value: fc.Arbitrary<AttributeValue>) => value.map((value): Operand => ({ kind: "value", value }))
const scalar = anyValue.filter((value) => ["S", "N", "B"].includes(typeOf(value)))
const text = fc.string({ maxLength: 3 }).map((S): AttributeValue => ({ S }))

const equality = fc.record({
  kind: fc.constant("comparison" as const),
  operator: fc.constantFrom("=" as const, "<>" as const),
  left: operand,
  right: valueOperand(anyValue),
})
const order = fc.record({
  kind: fc.constant("comparison" as const),
  operator: fc.constantFrom("<" as const, "<=" as const, ">" as const, ">=" as const),
  left: operand,
  right: valueOperand(scalar),
})
const between = fc
  .tuple(operand, valueOperand(scalar))
  .map(([operand, bound]): Condition => ({ kind: "between", operand, lower: bound, upper: bound }))
const oneOf = fc.record({
  kind: fc.constant("in" as const),
  operand,
  list: fc.array(valueOperand(anyValue), { minLength: 1, maxLength: 3 }),
})
const existence = fc.record({
  kind: fc.constantFrom("attribute_exists" as const, "attribute_not_exists" as const),
  path,
})
const type = fc.record({
  kind: fc.constant("attribute_type" as const),
  operand: pathOperand,
  type: fc.constantFrom("S" as const, "NULL" as const, "BS" as const),
})
const part = fc.record({
  kind: fc.constantFrom("begins_with" as const, "contains" as const),
  operand: pathOperand,
  part: valueOperand(text),
})

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: "small" },
    equality,
    order,
    between,
    oneOf,
    existence,
    type,
    part,
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      left: tie("condition"),
      right: tie("condition"),
    }),
    fc.record({ kind: fc.constant("not" as const), condition: tie("condition") }),
  ),
}))

export const anyCondition = condition

/** The condition as an expression, every name and value by a placeholder. */
export function print(condition: Condition) {
  const names: Record<string, string> = {}
  const values: Record<string, AttributeValue> = {}
  const add = <T>(all: Record<string, T>, mark: string, one: T) => {
    const key = `${mark}${Object.keys(all).length}`
    all[key] = one
    return key
  }
  const steps = (path: DocumentPath) =>
    path.map((step) => (typeof step === "number" ? `[${step}]` : `.${add(names, "#", step)}`)).join("")
  const printPath = (path: DocumentPath) => steps(path).slice(1)
  const printOperand = (operand: Operand): string => {
    if (operand.kind === "path") return printPath(operand.path)
    return operand.kind === "value" ? add(values, ":", operand.value) : `size(${printOperand(operand.operand)})`
  }
  const inner = (condition: Condition) => {
    const text = printCondition(condition)
    return condition.kind === "and" || condition.kind === "or" ? `(${text})` : text
  }
  const printCondition = (condition: Condition): string => {
    switch (condition.kind) {
      case "and":
      case "or":
        return `${inner(condition.left)} ${condition.kind} ${inner(condition.right)}`
      case "not":
        return `NOT ${inner(condition.condition)}`
      case "comparison":
        return `${printOperand(condition.left)}${condition.operator}${printOperand(condition.right)}`
      case "between":
        return `${printOperand(condition.operand)} BETWEEN ${printOperand(condition.lower)} AND ${printOperand(condition.upper)}`
      case "in":
        return `${printOperand(condition.operand)} IN (${condition.list.map(printOperand).join(", ")})`
      case "attribute_exists":
      case "attribute_not_exists":
        return `${condition.kind}(${printPath(condition.path)})`
      case "attribute_type":
        return `attribute_type(${printOperand(condition.operand)}, ${add(values, ":", { S: condition.type })})`
      case "begins_with":
      case "contains":
        return `${condition.kind}(${printOperand(condition.operand)}, ${printOperand(condition.part)})`
    }
  }
  const text = printCondition(condition)
  const given = <T>(all: Record<string, T>) => (Object.keys(all).length === 0 ? undefined : all)
  return { text, names: given(names), values: given(values) }
}
