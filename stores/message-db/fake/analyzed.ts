import type { SessionContext } from "./session-context.js"
import type { SqlType, Value } from "./sql-type.js"

/** What an expression is evaluated in. */
export interface Environment {
  readonly session: SessionContext
  /** The last commit that the statement sees. */
  readonly snapshot: number
  readonly parameters: readonly Value[]
  /** The row of the table that is read or changed. */
  row: unknown
  /** The row that ON CONFLICT refused. */
  excluded: unknown
  /** Results of the calls of volatile functions, which were made before. */
  readonly calls: Value[]
  aggregates: readonly Value[]
}

/** An expression whose names and types are settled. */
export interface Analyzed {
  readonly type: SqlType
  readonly evaluate: (environment: Environment) => Value
  /** A text without type as yet, null for NULL. */
  readonly literal?: { readonly text: string | null }
  /** A parameter without type as yet. */
  readonly parameter?: number
  /** A column of the table that is read. */
  readonly column?: Column
  /** It is `category(stream_name)`. */
  readonly isCategory?: boolean
  /** It is the same for each row. */
  readonly isFixed?: boolean
  /** It is this comparison, or it is true only if these all are. */
  readonly comparison?: { readonly operator: string; readonly left: Analyzed; readonly right: Analyzed }
  readonly conjuncts?: readonly Analyzed[]
  readonly at: number
}

/** A column that can be named in an expression. */
export interface Column {
  readonly name: string
  readonly type: SqlType
  readonly get: (row: unknown) => Value
  /** What {@link get} gives, as PostgreSQL prints it: given where that is at hand. */
  readonly text?: (row: unknown) => string | null
}

/** A table, or the row EXCLUDED, under the name by which its columns are qualified. */
export interface Range {
  readonly name: string
  readonly columns: readonly Column[]
  row(environment: Environment): unknown
}

/** A call of a volatile function, made once, before the statement's expressions are evaluated. */
export interface HoistedCall {
  run(environment: Environment): Generator<void, Value, void>
}

/** `count`, `min` or `max` over the rows that are read. */
export interface Aggregate {
  readonly kind: "count" | "min" | "max"
  readonly argument: Analyzed | undefined
}
