/**
 * One session of the database: takes texts with or without parameters, as the two protocols of PostgreSQL do, keeps
 * the transaction, and answers each text once.
 *
 * - Without parameters a text may hold several statements: they run in order, in one transaction unless they say
 *   otherwise, and the first error ends them all.
 * - An error outside of a transaction block undoes the statement, inside it the transaction, which then refuses
 *   everything but its end.
 */
import type { Environment } from "./analyzed.js"
import type { Database } from "./database.js"
import { DatabaseError, notUnderstood } from "./database-error.js"
import { GivenParameters, InferredParameters, type Parameters } from "./parameters.js"
import type { Plan, Planning, StatementResult } from "./plan.js"
import { planSelect } from "./select.js"
import type { SessionContext } from "./session-context.js"
import { schemasOf, Settings } from "./settings.js"
import type { Standby } from "./standby.js"
import { input, typeNamed, type SqlType, type Value } from "./sql-type.js"
import type { CreateTable, Statement } from "./syntax.js"
import { Transaction, type Isolation, type Steps } from "./transaction.js"
import { planDelete, planInsert, planUpdate } from "./write-statements.js"
import { refuseReadOnly } from "./message-db-functions.js"

export type Outcome = { readonly results: readonly StatementResult[] } | { readonly error: unknown }

type Query = Extract<Statement, { kind: "select" | "insert" | "update" | "delete" }>
type PreparedPlan = Plan & { readonly types: readonly SqlType[] }

const noParameters: readonly Value[] = []

export class Session implements SessionContext {
  readonly user = "message_store"
  readonly processId: number
  readonly settings: Settings
  private readonly database: Database
  private readonly standby: Standby | undefined
  private current: Transaction | undefined
  /** Goes on with the statement that waits for a lock. */
  private resume: (() => void) | undefined
  private closed = false
  private path: { text: string; schemas: readonly string[] } = { text: "", schemas: [] }

  /** @param standby the server that it is on; absent: the primary. */
  constructor(database: Database, startup: Readonly<Record<string, string>>, standby?: Standby) {
    this.database = database
    this.standby = standby
    this.processId = database.processId()
    this.settings = new Settings(startup)
  }

  get messages() {
    return this.database.messages
  }

  get transaction(): Transaction {
    return this.current!
  }

  private get pathText(): string {
    return this.settings.require("search_path")
  }

  get searchPath(): readonly string[] {
    const text = this.pathText
    if (this.path.text !== text) this.path = { text, schemas: schemasOf(text, this.user) }
    return this.path.schemas
  }

  innerSnapshot(): number {
    return this.current?.snapshot ?? this.standby?.replayed() ?? Infinity
  }

  uuid(): string {
    return this.database.uuid()
  }

  /** Runs a text and calls `done` once: before this returns, or when the locks it waits for were given to it. */
  submit(text: string, values: readonly (string | null)[] | undefined, name: string, done: (outcome: Outcome) => void) {
    this.advance(values ? this.prepared(text, values, name) : this.simple(text), done)
    this.database.resumeWaiters()
  }

  /** Ends the session: what it has not committed is rolled back, and what it waits for is never answered. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.resume = undefined
    if (this.current) this.database.rollback(this.current)
    this.current = undefined
    this.database.resumeWaiters()
  }

  private advance(steps: Steps<StatementResult[]>, done: (outcome: Outcome) => void): void {
    let outcome: Outcome
    try {
      const step = steps.next()
      if (!step.done) {
        // By way of a name: V8 allocates a function that is assigned to a property in its old generation.
        const resume = () => this.advance(steps, done)
        this.resume = resume
        return
      }
      outcome = { results: step.value }
    } catch (error) {
      outcome = { error }
    }
    done(outcome)
  }

  private readonly granted = (): void => {
    this.database.later(() => {
      const { resume } = this
      this.resume = undefined
      resume?.()
    })
  }

  // --- the two protocols

  private *simple(text: string): Steps<StatementResult[]> {
    const results: StatementResult[] = []
    try {
      const statements = this.database.parse(text)
      if (statements.length === 0) results.push(empty)
      for (const statement of statements) {
        this.refuseIfFailed(statement)
        results.push(yield* this.execute(statement, statements.length > 1, () => this.planSimple(text, statement)))
        if (statements.length === 1) this.endImplicit()
      }
      this.endImplicit()
    } catch (error) {
      this.fail()
      throw error
    }
    return results
  }

  private *prepared(text: string, values: readonly (string | null)[], name: string): Steps<StatementResult[]> {
    try {
      const [statement, another] = this.database.parse(text)
      if (another)
        throw new DatabaseError("42601", "cannot insert multiple commands into a prepared statement", {
          routine: "exec_parse_message",
        })
      if (!statement) return [empty]
      this.refuseIfFailed(statement)
      const result = yield* this.execute(statement, false, (query) => this.planPrepared(text, query, values, name))
      this.endImplicit()
      return [result]
    } catch (error) {
      this.fail()
      throw error
    }
  }

  private planSimple(text: string, statement: Statement) {
    const types = new GivenParameters([])
    const isWhole = this.database.parse(text).length === 1
    const make = () => planQuery(this.planning(text, types), statement as Query)
    return {
      plan: isWhole ? this.database.plan("simple", this.pathText, text, make) : make(),
      parameters: noParameters,
    }
  }

  private planPrepared(text: string, query: Query, values: readonly (string | null)[], name: string) {
    const plan = this.database.plan("prepared", this.pathText, text, (): PreparedPlan => {
      const inferred = new InferredParameters()
      return { ...planQuery(this.planning(text, inferred), query), types: inferred.all() }
    })
    const { types } = plan
    if (values.length !== types.length) throw wrongNumber(values.length, name, types.length)
    return { plan, parameters: bind(types, values) }
  }

  private planning(sql: string, parameters: Parameters): Planning {
    const { functions, catalog } = this.database
    return { sql, parameters, functions, searchPath: this.searchPath, catalog, transaction: this.transaction }
  }

  // --- statements

  private *execute(
    statement: Statement,
    isOneOfSeveral: boolean,
    plan: (query: Query) => { plan: Plan; parameters: readonly Value[] },
  ): Steps<StatementResult> {
    switch (statement.kind) {
      case "select":
      case "insert":
      case "update":
      case "delete": {
        this.begin(false)
        this.database.takeSnapshot(this.transaction, this.standby)
        const planned = plan(statement)
        return yield* planned.plan.run(this.environment(planned.parameters))
      }
      case "begin":
        return this.beginBlock(statement.modes, statement.word)
      case "commit":
        return this.commitBlock()
      case "rollback":
        if (this.current) this.database.rollback(this.current)
        this.current = undefined
        return done("ROLLBACK")
      case "savepoint":
        this.block("SAVEPOINT").savepoint(statement.name)
        return done("SAVEPOINT")
      case "rollback to":
        this.block("ROLLBACK TO SAVEPOINT").rollbackTo(statement.name)
        return done("ROLLBACK")
      case "release":
        this.block("RELEASE SAVEPOINT").release(statement.name)
        return done("RELEASE")
      case "set":
        this.begin(false)
        this.settings.set(this.transaction, statement.name, statement.value, statement.local)
        return done("SET")
      case "set transaction":
        this.begin(false)
        this.setModes(statement.modes)
        return done("SET")
      case "reset":
        this.begin(false)
        if (statement.name === undefined) this.settings.resetAll(this.transaction)
        else this.settings.set(this.transaction, statement.name, undefined, false)
        return done("RESET")
      case "show":
        this.begin(false)
        return this.show(statement.name)
      case "create table":
        this.begin(false)
        return yield* this.createTable(statement)
      case "drop table":
        if (isOneOfSeveral || this.current) throw notUnderstood("DROP TABLE in a transaction", "drop table")
        this.begin(false)
        return this.dropTables(statement)
      case "truncate":
        this.begin(false)
        for (const name of statement.tables) {
          const relation = this.relation(name, "RangeVarGetRelidExtended")
          if (relation.kind === "table") throw notUnderstood("TRUNCATE of this table", `truncate ${name.name}`)
          throw new DatabaseError("42501", `permission denied for table ${name.name}`, { routine: "aclcheck_error" })
        }
        return done("TRUNCATE")
    }
  }

  private environment(parameters: readonly Value[]): Environment {
    return {
      session: this,
      snapshot: this.transaction.snapshot ?? this.standby?.replayed() ?? this.database.lastCommit,
      parameters,
      row: undefined,
      excluded: undefined,
      calls: [],
      aggregates: [],
    }
  }

  private show(name: string): StatementResult {
    const value =
      name.toLowerCase() === "transaction_isolation" ? this.transaction.isolation : this.settings.require(name)
    return { ...done("SHOW"), fields: [{ name: name.toLowerCase(), type: "text" }], rows: [[value]] }
  }

  private *createTable(statement: CreateTable): Steps<StatementResult> {
    refuseReadOnly(this, "CREATE TABLE")
    const { table, columns, primaryKey, ifNotExists } = statement
    const schema = table.schema ?? this.searchPath[0]
    const position = String(table.at + 1)
    if (schema === undefined) throw new DatabaseError("3F000", "no schema has been selected to create in", { position })
    if (schema !== "public" && schema !== "message_store")
      throw new DatabaseError("3F000", `schema "${schema}" does not exist`, { position, routine: "get_namespace_oid" })
    if (schema === "message_store" || !this.database.mayCreateInPublic)
      throw new DatabaseError("42501", `permission denied for schema ${schema}`, {
        position,
        routine: "aclcheck_error",
      })
    const keys = primaryKey.map((name) => columns.findIndex((column) => column.name === name))
    const definition = {
      schema,
      name: table.name,
      columns: columns.map(({ name, type, notNull }, index) => {
        const known = typeNamed(type)
        if (!known) throw notUnderstood(`the type ${type}`, `create table ${table.name}`)
        return { name, type: known, notNull: notNull || keys.includes(index) }
      }),
      primaryKey: keys,
    }
    const made = yield* this.database.catalog.create(this.transaction, definition)
    if (!made && !ifNotExists)
      throw new DatabaseError("42P07", `relation "${table.name}" already exists`, {
        routine: "heap_create_with_catalog",
      })
    return done("CREATE")
  }

  private dropTables(statement: Extract<Statement, { kind: "drop table" }>): StatementResult {
    refuseReadOnly(this, "DROP TABLE")
    for (const name of statement.tables) {
      try {
        const relation = this.relation(name, "DropErrorMsgNonExistent")
        if (relation.kind === "table") this.database.catalog.drop(this.transaction, relation.table)
        else throw new DatabaseError("42501", `must be owner of table ${name.name}`, { routine: "aclcheck_error" })
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== "42P01") throw error
        if (statement.ifExists) continue
        throw new DatabaseError("42P01", `table "${name.name}" does not exist`, { routine: "DropErrorMsgNonExistent" })
      }
    }
    return done("DROP")
  }

  /** A relation that a command names which is not analyzed: its error has no position. */
  private relation(name: { schema?: string; name: string; at: number }, routine: string) {
    try {
      return this.database.catalog.find(this.transaction, this.searchPath, name)
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error
      throw new DatabaseError(error.code, error.message, { routine })
    }
  }

  // --- the transaction

  private begin(explicit: boolean): Transaction {
    return (this.current ??= new Transaction({
      readOnly: this.standby !== undefined,
      processId: this.processId,
      startedAtMs: this.database.now(),
      explicit,
      locks: this.database.locks,
      onGranted: this.granted,
    }))
  }

  private beginBlock(modes: readonly string[], word: string): StatementResult {
    this.begin(true).explicit = true
    this.setModes(modes)
    return done(word)
  }

  private setModes(modes: readonly string[]): void {
    const { transaction } = this
    for (const mode of modes) {
      if (mode === "read only" || mode === "read write") {
        if (mode === "read write" && this.standby !== undefined)
          throw new DatabaseError("0A000", "cannot set transaction read-write mode during recovery")
        if (mode === "read write" && transaction.readOnly && transaction.hasSavepoints)
          throw new DatabaseError("25001", "cannot set transaction read-write mode inside a read-only transaction")
        if (mode === "read write" && transaction.readOnly && transaction.hasQueried)
          throw new DatabaseError("25001", "transaction read-write mode must be set before any query")
        transaction.readOnly = mode === "read only"
      } else if (!mode.endsWith("deferrable")) this.setIsolation(mode as Isolation)
    }
  }

  private setIsolation(isolation: Isolation): void {
    const { transaction } = this
    if (isolation === transaction.isolation) return
    if (transaction.hasQueried)
      throw new DatabaseError("25001", "SET TRANSACTION ISOLATION LEVEL must be called before any query", {
        routine: "call_enum_check_hook",
      })
    if (transaction.hasSavepoints)
      throw new DatabaseError("25001", "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction", {
        routine: "call_enum_check_hook",
      })
    transaction.isolation = isolation
  }

  private commitBlock(): StatementResult {
    const transaction = this.current
    this.current = undefined
    if (!transaction) return done("COMMIT")
    if (transaction.failed) this.database.rollback(transaction)
    else this.database.commit(transaction)
    return done(transaction.failed ? "ROLLBACK" : "COMMIT")
  }

  /** @throws DatabaseError 25P01 */
  private block(command: string): Transaction {
    if (this.current?.explicit) return this.current
    throw new DatabaseError("25P01", `${command} can only be used in transaction blocks`, {
      routine: "CheckTransactionBlock",
    })
  }

  private endImplicit(): void {
    if (!this.current || this.current.explicit) return
    this.database.commit(this.current)
    this.current = undefined
  }

  private fail(): void {
    if (!this.current) return
    if (this.current.explicit) this.current.fail()
    else {
      this.database.rollback(this.current)
      this.current = undefined
    }
  }

  /** @throws DatabaseError 25P02 */
  private refuseIfFailed({ kind }: Statement): void {
    if (!this.current?.failed || kind === "commit" || kind === "rollback" || kind === "rollback to") return
    throw new DatabaseError(
      "25P02",
      "current transaction is aborted, commands ignored until end of transaction block",
      { routine: "exec_simple_query" },
    )
  }
}

function planQuery(planning: Planning, query: Query): Plan {
  switch (query.kind) {
    case "select":
      return planSelect(planning, query)
    case "insert":
      return planInsert(planning, query)
    case "update":
      return planUpdate(planning, query)
    case "delete":
      return planDelete(planning, query)
  }
}

function bind(types: readonly SqlType[], values: readonly (string | null)[]): Value[] {
  const bound: Value[] = []
  for (let index = 0; index < types.length; index++) {
    const value = values[index]!
    bound.push(value === null ? null : readParameter(types[index]!, value, index + 1))
  }
  return bound
}

function readParameter(type: SqlType, value: string, number: number): Value {
  if (value.includes("\0"))
    throw new DatabaseError("22021", 'invalid byte sequence for encoding "UTF8": 0x00', {
      where: `unnamed portal parameter $${number}`,
      routine: "report_invalid_encoding_int",
    })
  try {
    return input(type, value)
  } catch (error) {
    throw error instanceof DatabaseError
      ? error.within(`unnamed portal parameter $${number} = '${value === "" ? "" : "..."}'`)
      : error
  }
}

function wrongNumber(given: number, name: string, wanted: number): DatabaseError {
  return new DatabaseError(
    "08P01",
    `bind message supplies ${given} parameters, but prepared statement "${name}" requires ${wanted}`,
    { routine: "exec_bind_message" },
  )
}

const done = (command: string): StatementResult => ({ command, rowCount: null, oid: null, fields: [], rows: [] })
const empty: StatementResult = { command: null, rowCount: null, oid: null, fields: [], rows: [] }
