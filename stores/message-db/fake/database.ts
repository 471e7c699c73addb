/**
 * A PostgreSQL database with Message DB in it: what all sessions share. Everything here is synchronous; a session that
 * has to wait for a lock is put aside and goes on, at the end of the statement that freed the lock, in the order in
 * which the locks were given.
 */
import type { Clock } from "../../../engine/clock.js"
import type { Random } from "../../../engine/random.js"
import { Analyzer } from "./analyzer.js"
import type { Analyzed } from "./analyzed.js"
import { Catalog } from "./catalog.js"
import { DatabaseError } from "./database-error.js"
import { sqlFunctions } from "./functions.js"
import { Locks } from "./locks.js"
import { tableColumns } from "./message-columns.js"
import type { CompileCondition } from "./message-db-functions.js"
import type { MessageRow } from "./message-rows.js"
import { MessageStore } from "./message-store.js"
import { GivenParameters } from "./parameters.js"
import { parseExpression, parseStatements } from "./parser.js"
import { isSatisfied, rangeOf, type Plan } from "./plan.js"
import { Standby, type StandbyOptions } from "./standby.js"
import type { Statement } from "./syntax.js"
import { Table, type Row, type TableDefinition } from "./table.js"
import type { Transaction } from "./transaction.js"

export interface Commit {
  /** Ascending by global position. */
  readonly messages: readonly MessageRow[]
  readonly rows: readonly CommittedRow[]
}

export interface CommittedRow {
  readonly table: TableDefinition
  readonly row: Row
}

interface Planned {
  readonly version: number
  readonly searchPath: string
  readonly plan: unknown
}

const mostCached = 1000

export class Database {
  readonly messages = new MessageStore()
  readonly locks = new Locks()
  readonly catalog: Catalog
  readonly functions: ReturnType<typeof sqlFunctions>
  /** Whether `public` is open to the role `message_store`, as it is not by default since PostgreSQL 15. */
  readonly mayCreateInPublic: boolean
  /** Number of the last commit that changed anything. */
  lastCommit = 0
  private readonly clock: Clock
  private readonly random: Random
  private readonly onCommit: (commit: Commit) => void
  private readonly withSnapshot = new Set<Transaction>()
  private readonly standbys: Standby[] = []
  private readonly parsed = new Map<string, readonly Statement[]>()
  private readonly plans = { simple: new Map<string, Planned>(), prepared: new Map<string, Planned>() }
  private readonly runnable: (() => void)[] = []
  private newRows: CommittedRow[] = []
  private nextProcessId = 1000

  constructor(options: {
    clock: Clock
    random: Random
    mayCreateInPublic: boolean
    onCommit: (commit: Commit) => void
  }) {
    this.clock = options.clock
    this.random = options.random
    this.mayCreateInPublic = options.mayCreateInPublic
    this.onCommit = options.onCommit
    this.catalog = new Catalog((definition) => this.makeTable(definition))
    this.functions = sqlFunctions(this.compileCondition)
  }

  /** Milliseconds since the Unix epoch. */
  now(): number {
    return this.clock.now()
  }

  uuid(): string {
    return this.random.uuid()
  }

  processId(): number {
    return this.nextProcessId++
  }

  /** A server that follows this one from now on; it has all that there is now. */
  standby(options: StandbyOptions): Standby {
    const standby = new Standby(this.clock, options, this.lastCommit)
    this.standbys.push(standby)
    return standby
  }

  /** @param standby where the session is, if not here. */
  takeSnapshot(transaction: Transaction, standby: Standby | undefined): void {
    transaction.hasQueried = true
    if (transaction.isolation === "read committed" || transaction.isolation === "read uncommitted") return
    if (transaction.snapshot !== undefined) return
    transaction.snapshot = standby?.replayed() ?? this.lastCommit
    this.withSnapshot.add(transaction)
  }

  /** Makes what the transaction did visible, tells about it, and frees its locks. */
  commit(transaction: Transaction): void {
    this.withSnapshot.delete(transaction)
    if (transaction.hasEffects) {
      this.lastCommit++
      for (const standby of this.standbys) standby.committed(this.lastCommit)
    }
    transaction.commit(this.lastCommit)
    const messages = this.messages.takeNewlyCommitted()
    const rows = this.newRows
    if (messages.length === 0 && rows.length === 0) return
    this.newRows = []
    this.onCommit({ messages, rows })
  }

  rollback(transaction: Transaction): void {
    this.withSnapshot.delete(transaction)
    transaction.rollback()
  }

  /** To be run when the present statement is done. */
  later(resume: () => void): void {
    this.runnable.push(resume)
  }

  /** Lets those go on who were given their lock. */
  resumeWaiters(): void {
    for (let resume = this.runnable.shift(); resume; resume = this.runnable.shift()) resume()
  }

  parse(sql: string): readonly Statement[] {
    return cached(this.parsed, sql, () => parseStatements(sql))
  }

  /** A plan for a statement of this text, made anew when names have got another meaning or are looked up elsewhere. */
  plan<T extends Plan>(protocol: "simple" | "prepared", searchPath: string, sql: string, make: () => T): T {
    const plans = this.plans[protocol]
    const known = plans.get(sql)
    if (known?.version === this.catalog.version && known.searchPath === searchPath) return known.plan as T
    const plan = make()
    plans.delete(sql)
    cached(plans, sql, () => ({ version: this.catalog.version, searchPath, plan }))
    return plan
  }

  private makeTable(definition: TableDefinition): Table {
    return new Table(
      definition,
      () => this.withSnapshot.size + this.standbys.length > 0,
      (row) => this.newRows.push({ table: definition, row }),
    )
  }

  private readonly compileCondition: CompileCondition = (session, where, parameters) => {
    let analyzed: Analyzed
    try {
      analyzed = new Analyzer({
        sql: where,
        parameters: new GivenParameters(parameters.map(({ type }) => type)),
        functions: this.functions,
        searchPath: session.searchPath,
        ranges: [rangeOf("messages", tableColumns)],
      }).condition(parseExpression(where), "WHERE")
    } catch (error) {
      // The position is one in the function's query, not in the statement.
      if (!(error instanceof DatabaseError)) throw error
      const { code, message, hint, routine } = error
      throw new DatabaseError(code, message, { ...(hint && { hint }), ...(routine && { routine }) })
    }
    const environment = {
      session,
      snapshot: session.innerSnapshot(),
      parameters: parameters.map(({ value }) => value),
      row: undefined as unknown,
      excluded: undefined,
      calls: [],
      aggregates: [],
    }
    return (row) => {
      environment.row = row
      return isSatisfied(analyzed, environment)
    }
  }
}

/** The cache forgets what came in first. */
function cached<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key)
  if (known !== undefined) return known
  const value = make()
  if (cache.size >= mostCached) cache.delete(cache.keys().next().value!)
  cache.set(key, value)
  return value
}
