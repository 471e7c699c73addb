/** Expressions as they are written: names and values are not looked up yet, parentheses are gone. */

export interface PathSyntax {
  readonly kind: "path"
  /** A word or a name such as `#n`; digits in brackets, such as `[3]`, for an element of a list. */
  readonly steps: readonly string[]
}

export interface ValueSyntax {
  readonly kind: "value"
  readonly name: string
}

export interface CallSyntax {
  readonly kind: "call"
  readonly name: string
  readonly operands: readonly OperandSyntax[]
}

export type OperandSyntax = PathSyntax | ValueSyntax | CallSyntax

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">="

export type ConditionSyntax =
  | {
      readonly kind: "comparison"
      readonly operator: Comparator
      readonly left: OperandSyntax
      readonly right: OperandSyntax
    }
  | {
      readonly kind: "between"
      readonly operand: OperandSyntax
      readonly lower: OperandSyntax
      readonly upper: OperandSyntax
    }
  | { readonly kind: "in"; readonly operand: OperandSyntax; readonly list: readonly OperandSyntax[] }
  | { readonly kind: "and" | "or"; readonly left: ConditionSyntax; readonly right: ConditionSyntax }
  | { readonly kind: "not"; readonly condition: ConditionSyntax }
  | CallSyntax

export interface ArithmeticSyntax {
  readonly kind: "arithmetic"
  readonly operator: "+" | "-"
  readonly left: OperandSyntax
  readonly right: OperandSyntax
}

export type ActionSyntax =
  | { readonly kind: "set"; readonly path: PathSyntax; readonly value: OperandSyntax | ArithmeticSyntax }
  | { readonly kind: "remove"; readonly path: PathSyntax }
  | { readonly kind: "add" | "delete"; readonly path: PathSyntax; readonly value: ValueSyntax }

export type ClauseName = "SET" | "REMOVE" | "ADD" | "DELETE"

export interface ClauseSyntax {
  readonly name: ClauseName
  readonly actions: readonly ActionSyntax[]
}
