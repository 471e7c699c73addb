import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import type { TypeName } from "../attribute-value.js"
import type { ServiceError } from "../service-error.js"
import { type DocumentPath, printPath, samePath } from "./document-path.js"
import { type ExpressionKind, invalidExpression } from "./expression-kind.js"
import type { Placeholders } from "./placeholders.js"
import type { CallSyntax, PathSyntax, ValueSyntax } from "./syntax.js"

const maxPathSteps = 32
const maxOperators = 300

/** Looks up the names and values of one expression, and counts its operators. */
export class Resolver {
  readonly #kind: ExpressionKind
  readonly #placeholders: Placeholders
  #operators = 0

  constructor(kind: ExpressionKind, placeholders: Placeholders) {
    this.#kind = kind
    this.#placeholders = placeholders
  }

  path(syntax: PathSyntax): DocumentPath {
    const path = syntax.steps.map((step) => this.#step(step))
    if (path.length <= maxPathSteps) return path
    throw this.invalid(`The document path has too many nesting levels; nesting levels: ${path.length}`)
  }

  value(syntax: ValueSyntax): AttributeValue {
    const value = this.#placeholders.value(syntax.name)
    if (value === undefined) {
      throw this.invalid(
        `An expression attribute value used in expression is not defined; attribute value: ${syntax.name}`,
      )
    }
    return value
  }

  countOperator(): void {
    this.#operators++
  }

  /** To be called last: this comes after everything else that may be wrong with an expression. */
  assertFewOperators(): void {
    if (this.#operators > maxOperators) {
      throw this.invalid(`The expression contains too many operators; operator count: ${this.#operators}`)
    }
  }

  assertOperandCount(call: CallSyntax, count: number): void {
    if (call.operands.length === count) return
    throw this.invalid(
      "Incorrect number of operands for operator or function; " +
        `operator or function: ${call.name}, number of operands: ${call.operands.length}`,
    )
  }

  /** Two paths to the same place make no sense as first and further operand; equal values are let through. */
  assertDistinct(operator: string, first: { readonly kind: string }, rest: readonly { readonly kind: string }[]): void {
    if (!isPath(first)) return
    if (!rest.some((operand) => isPath(operand) && samePath(first.path, operand.path))) return
    throw this.invalid(
      "The first operand must be distinct from the remaining operands for this operator or function; " +
        `operator: ${operator}, first operand: ${printPath(first.path)}`,
    )
  }

  /** What is known of the operand's type before there is an item. */
  assertType(operator: string, type: TypeName | undefined, allowed: readonly TypeName[]): void {
    if (type === undefined || allowed.includes(type)) return
    throw this.incorrectType(operator, type)
  }

  incorrectType(operator: string, type: string): ServiceError {
    return this.invalid(
      `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
    )
  }

  pathRequired(operator: string): ServiceError {
    return this.invalid(`Operator or function requires a document path; operator or function: ${operator}`)
  }

  invalid(problem: string): ServiceError {
    return invalidExpression(this.#kind, problem)
  }

  #step(step: string): string | number {
    if (step.startsWith("[")) return Number(step.slice(1, -1))
    if (!step.startsWith("#")) return step
    const name = this.#placeholders.attribute(step)
    if (name === undefined) {
      throw this.invalid(
        `An expression attribute name used in the document path is not defined; attribute name: ${step}`,
      )
    }
    return name
  }
}

function isPath(operand: { readonly kind: string }): operand is { readonly kind: "path"; readonly path: DocumentPath } {
  return operand.kind === "path"
}
