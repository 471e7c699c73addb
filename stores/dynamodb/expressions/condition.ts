import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { type TypeName, compare, typeOf } from "../attribute-value.js"
import { readCondition } from "./condition-parser.js"
import type { DocumentPath } from "./document-path.js"
import type { ExpressionKind } from "./expression-kind.js"
import type { Placeholders } from "./placeholders.js"
import { Resolver } from "./resolver.js"
import type { CallSyntax, Comparator, ConditionSyntax, OperandSyntax } from "./syntax.js"
import { TokenReader } from "./token-reader.js"

export type Operand =
  | { readonly kind: "path"; readonly path: DocumentPath }
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "size"; readonly operand: Operand }

/** A condition whose names and values are looked up. */
export type Condition =
  | { readonly kind: "comparison"; readonly operator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: "between"; readonly operand: Operand; readonly lower: Operand; readonly upper: Operand }
  | { readonly kind: "in"; readonly operand: Operand; readonly list: readonly Operand[] }
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not"; readonly condition: Condition }
  | { readonly kind: "attribute_exists" | "attribute_not_exists"; readonly path: DocumentPath }
  | { readonly kind: "attribute_type"; readonly operand: Operand; readonly type: TypeName }
  | { readonly kind: "begins_with" | "contains"; readonly operand: Operand; readonly part: Operand }

/** For `KeyConditionExpression` see `parseKeyCondition`. */
export type ConditionKind = Extract<
  ExpressionKind,
  "ConditionExpression" | "FilterExpression" | "KeyConditionExpression"
>

const ordered: readonly TypeName[] = ["S", "N", "B"]
const sized: readonly TypeName[] = ["S", "B", "SS", "NS", "BS", "L", "M"]
/** In the service's order. */
const typeNames = ["M", "S", "BOOL", "L", "SS", "NS", "NULL", "B", "BS", "N"] as const satisfies readonly TypeName[]
const maxInOperands = 100

/** @throws ServiceError ValidationException with the service's text for whatever is wrong with the expression */
export function parseCondition(kind: ConditionKind, text: string, placeholders: Placeholders): Condition {
  const reader = new TokenReader(kind, text)
  const syntax = readCondition(reader)
  reader.finish()
  const resolver = new Resolver(kind, placeholders)
  const condition = new ConditionResolver(resolver).condition(syntax)
  resolver.assertFewOperators()
  return condition
}

/** From the leaves up and from left to right: the first thing that is wrong in this order is the one that is told. */
class ConditionResolver {
  readonly #resolver: Resolver

  constructor(resolver: Resolver) {
    this.#resolver = resolver
  }

  condition(syntax: ConditionSyntax): Condition {
    this.#resolver.countOperator()
    switch (syntax.kind) {
      case "and":
      case "or":
        return { kind: syntax.kind, left: this.condition(syntax.left), right: this.condition(syntax.right) }
      case "not":
        return { kind: "not", condition: this.condition(syntax.condition) }
      case "comparison":
        return this.#comparison(syntax)
      case "between":
        return this.#between(syntax)
      case "in":
        return this.#in(syntax)
      case "call":
        return this.#call(syntax)
    }
  }

  #comparison(syntax: ConditionSyntax & { kind: "comparison" }): Condition {
    const { operator } = syntax
    const [left, right] = [this.#operand(syntax.left), this.#operand(syntax.right)]
    this.#resolver.assertDistinct(operator, left, [right])
    if (operator !== "=" && operator !== "<>") this.#assertTypes(operator, [left, right], ordered)
    return { kind: "comparison", operator, left, right }
  }

  #between(syntax: ConditionSyntax & { kind: "between" }): Condition {
    const [operand, lower, upper] = [syntax.operand, syntax.lower, syntax.upper].map((each) => this.#operand(each)) as [
      Operand,
      Operand,
      Operand,
    ]
    this.#assertTypes("BETWEEN", [operand, lower, upper], ordered)
    this.#resolver.assertDistinct("BETWEEN", operand, [lower, upper])
    this.#assertBounds(lower, upper)
    return { kind: "between", operand, lower, upper }
  }

  #assertBounds(lower: Operand, upper: Operand): void {
    if (lower.kind !== "value" || upper.kind !== "value") return
    const bounds = `lower bound operand: ${print(lower.value)}, upper bound operand: ${print(upper.value)}`
    const order = compare(lower.value, upper.value)
    if (order === undefined) {
      throw this.#resolver.invalid(`The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`)
    }
    if (order <= 0) return
    throw this.#resolver.invalid(
      `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`,
    )
  }

  #in(syntax: ConditionSyntax & { kind: "in" }): Condition {
    const operand = this.#operand(syntax.operand)
    const list = syntax.list.map((each) => this.#operand(each))
    if (list.length > maxInOperands) {
      throw this.#resolver.invalid(
        `The IN operator is provided with too many operands; number of operands: ${list.length}`,
      )
    }
    this.#resolver.assertDistinct("IN", operand, list)
    return { kind: "in", operand, list }
  }

  #operand(syntax: OperandSyntax): Operand {
    if (syntax.kind === "path") return { kind: "path", path: this.#resolver.path(syntax) }
    if (syntax.kind === "value") return { kind: "value", value: this.#resolver.value(syntax) }
    this.#resolver.countOperator()
    const operands = syntax.operands.map((each) => this.#operand(each))
    this.#resolver.assertOperandCount(syntax, 1)
    const operand = operands[0]!
    this.#resolver.assertType("size", staticType(operand), sized)
    return { kind: "size", operand }
  }

  #call(syntax: CallSyntax): Condition {
    const operands = syntax.operands.map((each) => this.#operand(each))
    const [first, second] = operands as [Operand, Operand]
    switch (syntax.name) {
      case "attribute_exists":
      case "attribute_not_exists":
        this.#resolver.assertOperandCount(syntax, 1)
        if (first.kind !== "path") throw this.#resolver.pathRequired(syntax.name)
        return { kind: syntax.name, path: first.path }
      case "attribute_type":
        this.#resolver.assertOperandCount(syntax, 2)
        this.#resolver.assertDistinct(syntax.name, first, [second])
        return { kind: "attribute_type", operand: first, type: this.#typeName(second) }
      case "begins_with":
      case "contains":
        this.#resolver.assertOperandCount(syntax, 2)
        this.#resolver.assertDistinct(syntax.name, first, [second])
        if (syntax.name === "begins_with") this.#assertTypes(syntax.name, operands, ["S", "B"])
        return { kind: syntax.name, operand: first, part: second }
      default:
        throw new Error(`${syntax.name} is no condition`)
    }
  }

  #typeName(operand: Operand): TypeName {
    const all = `{${typeNames.join(",")}}`
    const type = staticType(operand)
    if (operand.kind !== "value" || operand.value.S === undefined) {
      throw this.#resolver.incorrectType("attribute_type", type ?? all)
    }
    const name = typeNames.find((each) => each === operand.value.S)
    if (name !== undefined) return name
    throw this.#resolver.invalid(`Invalid attribute type name found; type: ${operand.value.S}, valid types: ${all}`)
  }

  #assertTypes(operator: string, operands: readonly Operand[], allowed: readonly TypeName[]): void {
    for (const operand of operands) this.#resolver.assertType(operator, staticType(operand), allowed)
  }
}

function staticType(operand: Operand): TypeName | undefined {
  if (operand.kind === "size") return "N"
  return operand.kind === "value" ? typeOf(operand.value) : undefined
}

/** As the service's errors spell a text, a number or a binary value. */
function print(value: AttributeValue): string {
  const text = value.S ?? value.N ?? Buffer.from(value.B!).toString("base64")
  return `AttributeValue: {${typeOf(value)}:${text}}`
}
