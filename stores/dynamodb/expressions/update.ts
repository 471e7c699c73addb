import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { type Item, type TypeName, typeOf } from "../attribute-value.js"
import { type DocumentPath, assertDisjoint } from "./document-path.js"
import { inServiceOrder } from "./service-order.js"
import type { Placeholders } from "./placeholders.js"
import { type Projection, project, projectionOf } from "./projection.js"
import { Resolver } from "./resolver.js"
import type { ActionSyntax, ArithmeticSyntax, CallSyntax, ClauseSyntax, OperandSyntax } from "./syntax.js"
import { TokenReader } from "./token-reader.js"
import { readClauses } from "./update-parser.js"

/** The right-hand side of a SET. */
export type SetValue =
  | { readonly kind: "path"; readonly path: DocumentPath }
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "if_not_exists"; readonly path: DocumentPath; readonly otherwise: SetValue }
  | { readonly kind: "list_append"; readonly left: SetValue; readonly right: SetValue }
  | {
      readonly kind: "arithmetic"
      readonly operator: "+" | "-"
      readonly left: SetValue
      readonly right: SetValue
    }

export type Action =
  | { readonly kind: "set"; readonly path: DocumentPath; readonly value: SetValue }
  | { readonly kind: "remove"; readonly path: DocumentPath }
  | { readonly kind: "add" | "delete"; readonly path: DocumentPath; readonly value: AttributeValue }

/** An update whose names and values are looked up and whose paths are disjoint. */
export interface Update {
  readonly actions: readonly Action[]
  readonly projection: Projection
}

const longNames: Record<TypeName, string> = {
  S: "STRING",
  N: "NUMBER",
  B: "BINARY",
  SS: "STRING_SET",
  NS: "NUMBER_SET",
  BS: "BINARY_SET",
  L: "LIST",
  M: "MAP",
  BOOL: "BOOLEAN",
  NULL: "NULL",
}

const sets: readonly TypeName[] = ["SS", "NS", "BS"]

/** @throws ServiceError ValidationException with the service's text for whatever is wrong with the expression */
export function parseUpdate(text: string, placeholders: Placeholders): Update {
  const reader = new TokenReader("UpdateExpression", text)
  const clauses = readClauses(reader)
  reader.finish()
  assertOnce(clauses, reader)
  const resolver = new Resolver("UpdateExpression", placeholders)
  const syntax = clauses.flatMap((clause) => clause.actions)
  const paths = inServiceOrder(syntax, (action) => resolver.path(action.path))
  assertDisjoint("UpdateExpression", paths)
  const actionResolver = new ActionResolver(resolver)
  const actions = inServiceOrder(syntax, (action, at) => actionResolver.action(paths[at]!, action))
  resolver.assertFewOperators()
  return { actions, projection: projectionOf(paths) }
}

/** What the item has at the places that the update writes to: UPDATED_OLD before, UPDATED_NEW after the update. */
export function touched(update: Update, item: Item): Item {
  return project(update.projection, item)
}

function assertOnce(clauses: readonly ClauseSyntax[], reader: TokenReader): void {
  const names = clauses.map((clause) => clause.name)
  const repeated = names.find((name, at) => names.indexOf(name) < at)
  if (repeated === undefined) return
  throw reader.invalid(`The "${repeated}" section can only be used once in an update expression;`)
}

class ActionResolver {
  readonly #resolver: Resolver

  constructor(resolver: Resolver) {
    this.#resolver = resolver
  }

  action(path: DocumentPath, syntax: ActionSyntax): Action {
    if (syntax.kind === "remove") return { kind: "remove", path }
    if (syntax.kind === "set") return { kind: "set", path, value: this.#setValue(syntax.value) }
    const value = this.#resolver.value(syntax.value)
    this.#assertAllowed(syntax.kind === "add" ? "ADD" : "DELETE", typeOf(value))
    return { kind: syntax.kind, path, value }
  }

  #assertAllowed(clause: "ADD" | "DELETE", type: TypeName): void {
    if (sets.includes(type) || (clause === "ADD" && type === "N")) return
    throw this.#resolver.invalid(
      "Incorrect operand type for operator or function; " +
        `operator: ${clause}, operand type: ${longNames[type]}, typeSet: ALLOWED_FOR_${clause}_OPERAND`,
    )
  }

  #setValue(syntax: OperandSyntax | ArithmeticSyntax): SetValue {
    switch (syntax.kind) {
      case "path":
        return { kind: "path", path: this.#resolver.path(syntax) }
      case "value":
        return { kind: "value", value: this.#resolver.value(syntax) }
      case "call":
        return this.#call(syntax)
      case "arithmetic":
        return this.#arithmetic(syntax)
    }
  }

  #arithmetic(syntax: ArithmeticSyntax): SetValue {
    const { operator } = syntax
    this.#resolver.countOperator()
    const [left, right] = [this.#setValue(syntax.left), this.#setValue(syntax.right)]
    for (const operand of [left, right]) {
      this.#assertType(operator, operand, ["N"])
    }
    return { kind: "arithmetic", operator, left, right }
  }

  #call(syntax: CallSyntax): SetValue {
    const { name } = syntax
    const operands = syntax.operands.map((each) => this.#setValue(each))
    this.#resolver.assertOperandCount(syntax, 2)
    const [left, right] = operands as [SetValue, SetValue]
    if (name === "list_append") {
      this.#assertType(name, left, ["L"])
      this.#assertType(name, right, ["L"])
      return { kind: name, left, right }
    }
    if (left.kind !== "path") throw this.#resolver.pathRequired(name)
    this.#resolver.assertDistinct(name, left, [right])
    return { kind: "if_not_exists", path: left.path, otherwise: right }
  }

  #assertType(operator: string, operand: SetValue, allowed: readonly TypeName[]): void {
    if (operand.kind === "value") this.#resolver.assertType(operator, typeOf(operand.value), allowed)
  }
}
