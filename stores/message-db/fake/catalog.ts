/** The relations of the database by name: the table and views of Message DB, and the tables that clients made. */
import { DatabaseError } from "./database-error.js"
import type { RelationName } from "./syntax.js"
import type { Table } from "./table.js"
import { type TableDefinition } from "./table.js"
import type { Steps, Transaction } from "./transaction.js"
import { views, type View } from "./views.js"

export type Relation =
  | { readonly kind: "messages" }
  | { readonly kind: "view"; readonly view: View }
  | { readonly kind: "table"; readonly table: Table }

interface Entry {
  readonly table: Table
  /** The transaction that made it and has not committed yet: nobody else sees it. */
  maker: Transaction | undefined
}

export class Catalog {
  /** Grows whenever a name may mean something else than before. */
  version = 0
  private readonly tables = new Map<string, Entry>()
  private readonly makeTable: (definition: TableDefinition) => Table

  constructor(makeTable: (definition: TableDefinition) => Table) {
    this.makeTable = makeTable
  }

  /** @throws DatabaseError 42P01 */
  find(transaction: Transaction, searchPath: readonly string[], name: RelationName): Relation {
    for (const schema of name.schema === undefined ? searchPath : [name.schema]) {
      const relation = this.inSchema(transaction, schema, name.name)
      if (relation) return relation
    }
    const shown = name.schema === undefined ? name.name : `${name.schema}.${name.name}`
    throw new DatabaseError("42P01", `relation "${shown}" does not exist`, {
      position: String(name.at + 1),
      routine: "parserOpenTable",
    })
  }

  /** False if there is such a relation already. @throws DatabaseError 23505 if another transaction was faster */
  *create(transaction: Transaction, definition: TableDefinition): Steps<boolean> {
    const { schema, name } = definition
    if (this.inSchema(transaction, schema, name)) return false
    yield* transaction.lock(`table ${schema}.${name}`)
    if (this.inSchema(transaction, schema, name)) throw madeMeanwhile(name)
    const key = `${schema}.${name}`
    const entry: Entry = { table: this.makeTable(definition), maker: transaction }
    this.tables.set(key, entry)
    this.version++
    transaction.enter({
      undo: () => {
        this.tables.delete(key)
        this.version++
      },
      commit: () => {
        entry.maker = undefined
        this.version++
      },
    })
    return true
  }

  drop(transaction: Transaction, table: Table): void {
    const { schema, name } = table.definition
    const key = `${schema}.${name}`
    const entry = this.tables.get(key)!
    this.tables.delete(key)
    this.version++
    transaction.enter({ undo: () => this.tables.set(key, entry), commit: () => undefined })
  }

  private inSchema(transaction: Transaction, schema: string, name: string): Relation | undefined {
    if (schema === "message_store") {
      const view = views.get(name)
      return view ? { kind: "view", view } : name === "messages" ? { kind: "messages" } : undefined
    }
    const entry = this.tables.get(`${schema}.${name}`)
    if (!entry || (entry.maker && entry.maker !== transaction)) return undefined
    return { kind: "table", table: entry.table }
  }
}

/** What PostgreSQL says to the slower one of two who create a table at once, IF NOT EXISTS or not. */
function madeMeanwhile(name: string): DatabaseError {
  const constraint = "pg_type_typname_nsp_index"
  return new DatabaseError("23505", `duplicate key value violates unique constraint "${constraint}"`, {
    detail: `Key (typname, typnamespace)=(${name}, 2200) already exists.`,
    schema: "pg_catalog",
    table: "pg_type",
    constraint,
    routine: "_bt_check_unique",
  })
}
