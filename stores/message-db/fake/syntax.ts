/** Statements and expressions as they are written, before names are looked up. `at` is an offset in the text. */

export type Expression =
  | { readonly kind: "string"; readonly value: string; readonly at: number }
  | { readonly kind: "integer"; readonly value: string; readonly at: number }
  | { readonly kind: "decimal"; readonly value: string; readonly at: number }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at: number }
  | { readonly kind: "null"; readonly at: number }
  | { readonly kind: "parameter"; readonly number: number; readonly at: number }
  | { readonly kind: "column"; readonly table?: string; readonly name: string; readonly at: number }
  | { readonly kind: "call"; readonly call: Call; readonly at: number }
  | { readonly kind: "cast"; readonly operand: Expression; readonly type: string; readonly at: number }
  | { readonly kind: "unary"; readonly operator: "-" | "+" | "@"; readonly operand: Expression; readonly at: number }
  | {
      readonly kind: "binary"
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
      readonly at: number
    }
  | { readonly kind: "and" | "or"; readonly operands: readonly Expression[]; readonly at: number }
  | { readonly kind: "not"; readonly operand: Expression; readonly at: number }
  | {
      readonly kind: "is"
      readonly operand: Expression
      readonly what: "null" | "true" | "false"
      readonly negated: boolean
      readonly at: number
    }
  | {
      readonly kind: "distinct"
      readonly left: Expression
      readonly right: Expression
      readonly negated: boolean
      readonly at: number
    }
  | {
      readonly kind: "in"
      readonly operand: Expression
      readonly list: readonly Expression[]
      readonly negated: boolean
      readonly at: number
    }
  | {
      readonly kind: "any"
      readonly operator: string
      readonly left: Expression
      readonly array: Expression
      readonly all: boolean
      readonly at: number
    }
  | {
      readonly kind: "case"
      readonly branches: readonly { readonly when: Expression; readonly then: Expression }[]
      readonly otherwise: Expression | undefined
      readonly at: number
    }
  | { readonly kind: "array"; readonly items: readonly Expression[]; readonly at: number }

export interface Argument {
  readonly name?: string
  readonly value: Expression
}

export interface Call {
  readonly schema?: string
  readonly name: string
  readonly arguments: readonly Argument[]
  /** `count(*)`. */
  readonly star: boolean
}

export interface RelationName {
  readonly schema?: string
  readonly name: string
  readonly at: number
}

export type Source =
  | { readonly kind: "relation"; readonly relation: RelationName; readonly alias?: string }
  | { readonly kind: "function"; readonly call: Call; readonly alias?: string; readonly at: number }

export type Target =
  | { readonly kind: "star"; readonly table?: string; readonly at: number }
  | { readonly kind: "value"; readonly value: Expression; readonly alias?: string }

export interface Select {
  readonly kind: "select"
  readonly targets: readonly Target[]
  readonly from?: Source
  readonly where?: Expression
  readonly orderBy: readonly {
    readonly value: Expression
    readonly descending: boolean
    readonly nullsFirst: boolean
  }[]
  readonly limit?: Expression
  readonly offset?: Expression
  readonly lock?: "wait" | "nowait" | "skip"
}

export interface Insert {
  readonly kind: "insert"
  readonly into: RelationName
  readonly alias?: string
  readonly columns?: readonly { readonly name: string; readonly at: number }[]
  /** An undefined value is DEFAULT. */
  readonly rows: readonly (readonly (Expression | undefined)[])[]
  readonly onConflict?: {
    readonly columns: readonly string[] | undefined
    readonly update?: { readonly set: readonly Assignment[]; readonly where?: Expression }
    readonly at: number
  }
  readonly returning?: readonly Target[]
}

export interface Assignment {
  readonly column: string
  readonly value: Expression | undefined
  readonly at: number
}

export interface Update {
  readonly kind: "update"
  readonly table: RelationName
  readonly alias?: string
  readonly set: readonly Assignment[]
  readonly where?: Expression
  readonly returning?: readonly Target[]
}

export interface Delete {
  readonly kind: "delete"
  readonly table: RelationName
  readonly alias?: string
  readonly where?: Expression
  readonly returning?: readonly Target[]
}

export interface CreateTable {
  readonly kind: "create table"
  readonly table: RelationName
  readonly ifNotExists: boolean
  readonly columns: readonly { readonly name: string; readonly type: string; readonly notNull: boolean }[]
  readonly primaryKey: readonly string[]
}

export type Control =
  | { readonly kind: "begin"; readonly modes: readonly TransactionMode[]; readonly word: "BEGIN" | "START" }
  | { readonly kind: "commit" }
  | { readonly kind: "rollback" }
  | { readonly kind: "savepoint"; readonly name: string }
  | { readonly kind: "rollback to"; readonly name: string }
  | { readonly kind: "release"; readonly name: string }

export type TransactionMode = string

export type Statement =
  | Select
  | Insert
  | Update
  | Delete
  | CreateTable
  | Control
  | { readonly kind: "drop table"; readonly tables: readonly RelationName[]; readonly ifExists: boolean }
  | { readonly kind: "truncate"; readonly tables: readonly RelationName[] }
  | { readonly kind: "set"; readonly name: string; readonly value: string | undefined; readonly local: boolean }
  | { readonly kind: "set transaction"; readonly modes: readonly TransactionMode[] }
  | { readonly kind: "reset"; readonly name: string | undefined }
  | { readonly kind: "show"; readonly name: string }
