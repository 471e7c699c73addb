import type { Comparator, ConditionSyntax, OperandSyntax } from "./syntax.js"
import type { TokenReader } from "./token-reader.js"

/*
 * OR binds less than AND, AND less than NOT, NOT less than comparisons. A parenthesis opens either a condition or an
 * operand, and which of them shows only at what stands inside and after it; so what it holds is read as either, and a
 * bare operand is let through only in front of the closing parenthesis.
 */

const comparators: readonly string[] = ["=", "<>", "<", "<=", ">", ">="] satisfies readonly Comparator[]

export function readCondition(reader: TokenReader): ConditionSyntax {
  return asCondition(readOr(reader, false), reader)
}

type Either = ConditionSyntax | OperandSyntax

function readOr(reader: TokenReader, operandAllowed: boolean): Either {
  let left = readAnd(reader, operandAllowed)
  while (reader.take("OR")) {
    left = { kind: "or", left: asCondition(left, reader), right: asCondition(readAnd(reader, false), reader) }
  }
  return left
}

function readAnd(reader: TokenReader, operandAllowed: boolean): Either {
  let left = readNot(reader, operandAllowed)
  while (reader.take("AND")) {
    left = { kind: "and", left: asCondition(left, reader), right: asCondition(readNot(reader, false), reader) }
  }
  return left
}

function readNot(reader: TokenReader, operandAllowed: boolean): Either {
  if (reader.take("NOT")) return { kind: "not", condition: asCondition(readNot(reader, false), reader) }
  const first = reader.take("(") ? reader.closeParentheses(readOr(reader, true)) : reader.readOperand()
  if (!isOperand(first)) return first
  const comparison = readComparison(reader, first)
  if (comparison) return comparison
  if (operandAllowed && reader.isNext(")")) return first
  return asCondition(first, reader)
}

/** What follows an operand, if it is an operator. */
function readComparison(reader: TokenReader, left: OperandSyntax): ConditionSyntax | undefined {
  if (reader.take("BETWEEN")) {
    const lower = reader.readOperand()
    reader.expect("AND")
    return { kind: "between", operand: left, lower, upper: reader.readOperand() }
  }
  if (reader.take("IN")) {
    reader.expect("(")
    const list = reader.readOperands()
    reader.expect(")")
    return { kind: "in", operand: left, list }
  }
  const operator = reader.next
  if (!isComparator(operator) || !reader.take(operator)) return undefined
  return { kind: "comparison", operator, left, right: reader.readOperand() }
}

function isComparator(text: string): text is Comparator {
  return comparators.includes(text)
}

function isOperand(node: Either): node is OperandSyntax {
  return node.kind === "path" || node.kind === "value" || node.kind === "call"
}

function asCondition(node: Either, reader: TokenReader): ConditionSyntax {
  if (node.kind === "path" || node.kind === "value") throw reader.syntaxError()
  if (node.kind === "call") reader.standsAlone(node)
  return node
}
