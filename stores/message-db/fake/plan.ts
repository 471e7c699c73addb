import type { Analyzed, Column, Environment, Range } from "./analyzed.js"
import { Analyzer } from "./analyzer.js"
import type { Catalog } from "./catalog.js"
import { DatabaseError, notUnderstood } from "./database-error.js"
import type { SqlFunction } from "./functions.js"
import type { Parameters } from "./parameters.js"
import { output, type SqlType, type Value } from "./sql-type.js"
import type { Expression, Target } from "./syntax.js"
import type { Steps, Transaction } from "./transaction.js"

export interface Field {
  readonly name: string
  readonly type: SqlType
}

export interface StatementResult {
  /** The first word of the command's tag; null for an empty text. */
  readonly command: string | null
  readonly rowCount: number | null
  readonly oid: number | null
  readonly fields: readonly Field[]
  /** Values as PostgreSQL prints them. */
  readonly rows: readonly (readonly (string | null)[])[]
}

/** A query that is analyzed and can be run again and again. */
export interface Plan {
  readonly fields: readonly Field[]
  run(environment: Environment): Steps<StatementResult>
}

/** What a statement is analyzed against. */
export interface Planning {
  readonly sql: string
  readonly parameters: Parameters
  readonly functions: ReadonlyMap<string, SqlFunction>
  readonly searchPath: readonly string[]
  readonly catalog: Catalog
  readonly transaction: Transaction
}

export function analyzer(planning: Planning, ranges: readonly Range[]): Analyzer {
  return new Analyzer({ ...planning, ranges })
}

/** The table that a statement reads or changes, under its name. */
export function rangeOf(name: string, columns: readonly Column[]): Range {
  return { name, columns, row: (environment) => environment.row }
}

/** One column of the results. */
export interface Output {
  readonly field: Field
  readonly value: Analyzed
  readonly text: (environment: Environment) => string | null
}

export function outputsOf(
  planning: Planning,
  analyzer: Analyzer,
  ranges: readonly Range[],
  targets: readonly Target[],
) {
  return targets.flatMap((target): Output[] => {
    if (target.kind === "value") {
      const value = analyzer.result(target.value)
      return [toOutput(target.alias ?? nameOf(target.value), value)]
    }
    const range = ranges[0]
    if (!range || (target.table !== undefined && target.table !== range.name)) throw notUnderstood("*", planning.sql)
    return range.columns.map(({ name }) =>
      toOutput(name, analyzer.result({ kind: "column", name, table: range.name, at: target.at })),
    )
  })
}

function toOutput(name: string, value: Analyzed): Output {
  const { type, column } = value
  const read = column?.text
  const text: Output["text"] = read
    ? (environment) => read(environment.row)
    : (environment) => output(type, value.evaluate(environment))
  return { field: { name, type }, value, text }
}

/** The name that PostgreSQL gives to a column without one. */
function nameOf(expression: Expression): string {
  switch (expression.kind) {
    case "column":
      return expression.name
    case "call":
      return expression.call.name
    case "cast": {
      const inner = nameOf(expression.operand)
      return inner === "?column?" ? internalName(expression.type) : inner
    }
    case "case": {
      const inner = expression.otherwise ? nameOf(expression.otherwise) : "?column?"
      return inner === "?column?" ? "case" : inner
    }
    case "boolean":
      return "bool"
    case "array":
      return "array"
    default:
      return "?column?"
  }
}

const internalNames: Readonly<Record<string, string>> = {
  bigint: "int8",
  integer: "int4",
  int: "int4",
  smallint: "int2",
  boolean: "bool",
  decimal: "numeric",
}
const internalName = (type: string) => internalNames[type] ?? type.replace(/\[\]$/, "")

export function printRow(outputs: readonly Output[], environment: Environment): (string | null)[] {
  const row: (string | null)[] = []
  for (const { text } of outputs) row.push(text(environment))
  return row
}

/** As PostgreSQL looks at a WHERE clause: one condition after the other, up to the first that is not true. */
export function isSatisfied(where: Analyzed, environment: Environment): boolean {
  for (const condition of conjunctsOf(where)) if (condition.evaluate(environment) !== true) return false
  return true
}

/** The conditions that all have to hold. */
export const conjunctsOf = (where: Analyzed): readonly Analyzed[] => where.conjuncts ?? [where]

/** The number of rows that LIMIT or OFFSET names. @throws DatabaseError 2201W or 2201X */
export function rowsNamed(value: Value, clause: "LIMIT" | "OFFSET"): number {
  if (value === null) return clause === "LIMIT" ? Infinity : 0
  if ((value as bigint) < 0n)
    throw new DatabaseError(clause === "LIMIT" ? "2201W" : "2201X", `${clause} must not be negative`, {
      routine: "recompute_limits",
    })
  return Number(value)
}

export const privilege = (table: string) =>
  new DatabaseError("42501", `permission denied for table ${table}`, { routine: "aclcheck_error" })
