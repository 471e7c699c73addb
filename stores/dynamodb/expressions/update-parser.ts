import type { ActionSyntax, ArithmeticSyntax, ClauseName, ClauseSyntax, OperandSyntax } from "./syntax.js"
import type { TokenReader } from "./token-reader.js"

const clauseNames: readonly ClauseName[] = ["SET", "REMOVE", "ADD", "DELETE"]

const readAction: Record<ClauseName, (reader: TokenReader) => ActionSyntax> = {
  SET: readSet,
  REMOVE: (reader) => ({ kind: "remove", path: reader.readPath() }),
  ADD: (reader) => ({ kind: "add", path: reader.readPath(), value: reader.readValue() }),
  DELETE: (reader) => ({ kind: "delete", path: reader.readPath(), value: reader.readValue() }),
}

/** The clauses as they are written; one of them may still come twice. */
export function readClauses(reader: TokenReader): ClauseSyntax[] {
  const clauses = [readClause(reader)]
  while (clauseNames.some((name) => reader.isNext(name))) clauses.push(readClause(reader))
  return clauses
}

function readClause(reader: TokenReader): ClauseSyntax {
  const name = clauseNames.find((clause) => reader.take(clause))
  if (name === undefined) throw reader.syntaxError()
  return { name, actions: reader.readList(() => readAction[name](reader)) }
}

function readSet(reader: TokenReader): ActionSyntax {
  const path = reader.readPath()
  reader.expect("=")
  const value = readSetValue(reader)
  if (value.kind === "call") reader.standsAlone(value)
  return { kind: "set", path, value }
}

function readSetValue(reader: TokenReader): OperandSyntax | ArithmeticSyntax {
  const left = reader.take("(") ? reader.closeParentheses(readSetValue(reader)) : reader.readOperand()
  if (left.kind === "arithmetic") return left
  const operator = reader.next
  if ((operator !== "+" && operator !== "-") || !reader.take(operator)) return left
  return { kind: "arithmetic", operator, left, right: reader.readOperand() }
}
