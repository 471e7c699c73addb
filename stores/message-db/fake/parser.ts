/**
 * A recursive descent parser for the statements that the clients of Message DB send. Where PostgreSQL itself would
 * find no statement the error is its own (42601); what may be SQL but is not known here is refused as not understood.
 */
import { DatabaseError, notUnderstood } from "./database-error.js"
import type {
  Argument,
  Assignment,
  Call,
  CreateTable,
  Expression,
  Insert,
  RelationName,
  Select,
  Source,
  Statement,
  Target,
} from "./syntax.js"
import { tokenize, type Token } from "./tokenizer.js"

/** The statements of a text, which may be none. */
export function parseStatements(sql: string): Statement[] {
  return new Parser(sql).statements()
}

/** A text that is one expression. */
export function parseExpression(sql: string): Expression {
  return new Parser(sql).wholeExpression()
}

const statementWords = new Set(
  `abort alter analyze begin call checkpoint close cluster comment commit copy create deallocate declare delete discard do
   drop end execute explain fetch grant import insert listen load lock merge move notify prepare reassign refresh
   reindex release reset revoke rollback savepoint security select set show start table truncate unlisten update
   vacuum values with`.split(/\s+/),
)

const reserved = new Set(
  `all and any array as asc between by case cast check collate column conflict constraint create cross default desc
   distinct do else end except false fetch for foreign from full grant group having ilike in inner intersect into is
   isnull join left like limit natural not notnull null offset on only or order outer primary references returning
   right select set similar some table then to true union unique user using values when where window with`.split(/\s+/),
)

/** Words that name a column, yet no parameter of a function unless they are quoted. */
const columnNamesOnly = new Set(
  `between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int
   integer interval least national nchar none nullif numeric out overlay position precision real row setof smallint
   substring time timestamp treat trim values varchar`.split(/\s+/),
)

const comparisons = new Set(["=", "<>", "!=", "<", ">", "<=", ">="])
const otherOperators = new Set(["||", "->", "->>", "@>", "<@", "#>", "#>>", "~"])

class Parser {
  private readonly sql: string
  private readonly tokens: readonly Token[]
  private at = 0

  constructor(sql: string) {
    this.sql = sql
    this.tokens = tokenize(sql)
  }

  statements(): Statement[] {
    const statements: Statement[] = []
    for (;;) {
      while (this.takeSymbol(";"));
      if (this.peek().kind === "end") return statements
      statements.push(this.statement())
      if (this.peek().kind !== "end" && !this.isSymbol(";")) throw this.unknown()
    }
  }

  wholeExpression(): Expression {
    const expression = this.expression()
    if (this.peek().kind !== "end") throw this.unknown()
    return expression
  }

  // --- statements

  private statement(): Statement {
    const first = this.peek()
    if (first.kind !== "word" || !statementWords.has(first.text)) {
      if (this.isSymbol("(")) throw this.unknown()
      throw this.syntaxError()
    }
    this.at++
    switch (first.text) {
      case "select":
        return this.select()
      case "insert":
        return this.insert()
      case "update":
        return this.update()
      case "delete":
        return this.delete()
      case "create":
        return this.createTable()
      case "drop":
        return this.dropTable()
      case "truncate":
        return this.truncate()
      case "begin":
        this.optionalWord("transaction", "work")
        return { kind: "begin", modes: this.transactionModes(), word: "BEGIN" }
      case "start":
        this.word("transaction")
        return { kind: "begin", modes: this.transactionModes(), word: "START" }
      case "commit":
      case "end":
        this.optionalWord("transaction", "work")
        return { kind: "commit" }
      case "abort":
      case "rollback":
        return this.rollback()
      case "savepoint":
        return { kind: "savepoint", name: this.name() }
      case "release":
        this.takeWord("savepoint")
        return { kind: "release", name: this.name() }
      case "set":
        return this.set()
      case "reset":
        return { kind: "reset", name: this.takeWord("all") ? undefined : this.settingName() }
      case "show":
        return { kind: "show", name: this.settingName() }
      default:
        throw this.unknown(first)
    }
  }

  private rollback(): Statement {
    this.optionalWord("transaction", "work")
    if (!this.takeWord("to")) return { kind: "rollback" }
    this.takeWord("savepoint")
    return { kind: "rollback to", name: this.name() }
  }

  private transactionModes(): string[] {
    const modes: string[] = []
    for (;;) {
      if (this.takeWord("isolation")) {
        this.word("level")
        if (this.takeWord("serializable")) modes.push("serializable")
        else if (this.takeWord("repeatable")) modes.push(this.then("read", "repeatable read"))
        else {
          this.word("read")
          modes.push(this.takeWord("committed") ? "read committed" : this.then("uncommitted", "read uncommitted"))
        }
      } else if (this.takeWord("read"))
        modes.push(this.takeWord("only") ? "read only" : this.then("write", "read write"))
      else if (this.takeWord("deferrable")) modes.push("deferrable")
      else if (this.takeWord("not")) modes.push(this.then("deferrable", "not deferrable"))
      else if (modes.length === 0) return modes
      else if (!this.isSymbol(",")) return modes
      else throw this.syntaxError()
      this.takeSymbol(",")
      if (this.peek().kind === "end" || this.isSymbol(";")) return modes
    }
  }

  private then<T>(word: string, value: T): T {
    this.word(word)
    return value
  }

  private set(): Statement {
    if (this.takeWord("transaction")) return { kind: "set transaction", modes: this.transactionModes() }
    const local = this.takeWord("local")
    if (!local) this.takeWord("session")
    if (this.takeWord("time")) {
      this.word("zone")
      return { kind: "set", name: "timezone", value: this.settingValue(), local }
    }
    const name = this.settingName()
    if (!this.takeSymbol("=")) this.word("to")
    if (this.takeWord("default")) return { kind: "set", name, value: undefined, local }
    const values = [this.settingValue()]
    while (this.takeSymbol(",")) values.push(this.settingValue())
    return { kind: "set", name, value: values.join(", "), local }
  }

  private settingName(): string {
    let name = this.name()
    while (this.takeSymbol(".")) name += `.${this.name()}`
    if (name === "transaction" && this.takeWord("isolation")) return this.then("level", "transaction_isolation")
    return name
  }

  private settingValue(): string {
    const negative = this.takeSymbol("-")
    const token = this.peek()
    if (token.kind === "end" || token.kind === "symbol" || token.kind === "parameter") throw this.syntaxError()
    this.at++
    if (token.kind === "quoted" && /[^a-z0-9_]/.test(token.text)) return `"${token.text}"`
    return negative ? `-${token.text}` : token.text
  }

  private select(): Select {
    if (this.isWord("distinct") || this.isWord("all")) throw this.unknown()
    const isBare = this.peek().kind === "end" || this.isSymbol(";") || this.isAnyWord("from", "where", "order", "limit")
    const targets = isBare ? [] : this.targets()
    if (this.isWord("into")) throw this.unknown()
    const from = this.takeWord("from") ? this.source() : undefined
    if (from && (this.isSymbol(",") || this.isAnyWord("join", "inner", "left", "right", "full", "cross", "natural")))
      throw this.unknown()
    const where = this.takeWord("where") ? this.expression() : undefined
    if (this.isAnyWord("group", "having", "union", "intersect", "except", "window")) throw this.unknown()
    const orderBy = this.takeWord("order") ? this.orderBy() : []
    let limit: Expression | undefined
    let offset: Expression | undefined
    for (;;) {
      if (this.takeWord("limit")) limit = this.takeWord("all") ? undefined : this.expression()
      else if (this.takeWord("offset")) offset = this.expression()
      else break
    }
    const lock = this.takeWord("for") ? this.lockClause() : undefined
    return {
      kind: "select",
      targets,
      orderBy,
      ...(from && { from }),
      ...(where && { where }),
      ...(limit && { limit }),
      ...(offset && { offset }),
      ...(lock && { lock }),
    }
  }

  private lockClause(): "wait" | "nowait" | "skip" {
    if (this.takeWord("no")) this.word("key")
    this.word("update")
    if (this.takeWord("nowait")) return "nowait"
    return this.takeWord("skip") ? this.then("locked", "skip" as const) : "wait"
  }

  private orderBy(): Select["orderBy"] {
    this.word("by")
    return this.list(() => {
      const value = this.expression()
      const descending = this.takeWord("desc")
      if (!descending) this.takeWord("asc")
      const nulls = this.takeWord("nulls")
      const nullsFirst = nulls ? this.takeWord("first") : descending
      if (nulls && !nullsFirst) this.word("last")
      return { value, descending, nullsFirst }
    })
  }

  private source(): Source {
    if (this.isSymbol("(")) throw this.unknown()
    const token = this.peek()
    const { schema, name } = this.qualifiedName()
    const qualifier = schema === undefined ? {} : { schema }
    if (this.isSymbol("(")) {
      const call = this.callArguments(qualifier, name)
      return { kind: "function", call, at: token.at, ...this.alias() }
    }
    return { kind: "relation", relation: { ...qualifier, name, at: token.at }, ...this.alias() }
  }

  private alias(): { alias?: string } {
    const as = this.takeWord("as")
    const token = this.peek()
    if (token.kind === "quoted" || (token.kind === "word" && !reserved.has(token.text))) return { alias: this.name() }
    if (as) throw this.unknown()
    return {}
  }

  private targets(): Target[] {
    return this.list(() => this.target())
  }

  private target(): Target {
    const { at } = this.peek()
    if (this.takeSymbol("*")) return { kind: "star", at }
    const [word, dot, star] = this.tokens.slice(this.at, this.at + 3)
    if ((word?.kind === "word" || word?.kind === "quoted") && dot?.text === "." && star?.text === "*") {
      this.at += 3
      return { kind: "star", table: word.text, at }
    }
    const value = this.expression()
    if (this.takeWord("as")) return { kind: "value", value, alias: this.anyName() }
    return { kind: "value", value, ...this.alias() }
  }

  private insert(): Insert {
    this.word("into")
    const into = this.relationName()
    const alias = this.takeWord("as") ? { alias: this.name() } : {}
    let columns: { name: string; at: number }[] | undefined
    if (this.takeSymbol("(")) {
      columns = this.list(() => ({ at: this.peek().at, name: this.name() }))
      this.symbol(")")
    }
    const rows: (Expression | undefined)[][] = []
    if (this.takeWord("default")) rows.push(this.then("values", []))
    else {
      if (!this.isWord("values")) throw this.unknown()
      this.word("values")
      rows.push(...this.list(() => this.parenthesized(() => this.list(() => this.valueOrDefault()))))
    }
    const onConflict = this.takeWord("on") ? this.onConflict() : undefined
    return {
      kind: "insert",
      into,
      ...alias,
      ...(columns && { columns }),
      rows,
      ...(onConflict && { onConflict }),
      ...this.returning(),
    }
  }

  private valueOrDefault(): Expression | undefined {
    return this.takeWord("default") ? undefined : this.expression()
  }

  private onConflict(): NonNullable<Insert["onConflict"]> {
    const { at } = this.peek()
    this.word("conflict")
    if (this.isWord("on")) throw this.unknown()
    const columns = this.isSymbol("(") ? this.parenthesized(() => this.list(() => this.name())) : undefined
    this.word("do")
    if (this.takeWord("nothing")) return { columns, at }
    this.word("update")
    this.word("set")
    const set = this.assignments()
    const where = this.takeWord("where") ? { where: this.expression() } : {}
    return { columns, update: { set, ...where }, at }
  }

  private update(): Statement {
    const table = this.relationName()
    const alias = this.alias()
    this.word("set")
    const set = this.assignments()
    if (this.isWord("from")) throw this.unknown()
    return { kind: "update", table, ...alias, set, ...this.where(), ...this.returning() }
  }

  private delete(): Statement {
    this.word("from")
    const table = this.relationName()
    const alias = this.alias()
    if (this.isWord("using")) throw this.unknown()
    return { kind: "delete", table, ...alias, ...this.where(), ...this.returning() }
  }

  private where(): { where?: Expression } {
    return this.takeWord("where") ? { where: this.expression() } : {}
  }

  private returning(): { returning?: Target[] } {
    return this.takeWord("returning") ? { returning: this.targets() } : {}
  }

  private assignments(): Assignment[] {
    return this.list(() => {
      const { at } = this.peek()
      const column = this.name()
      this.symbol("=")
      return { column, value: this.valueOrDefault(), at }
    })
  }

  private createTable(): CreateTable {
    if (!this.isWord("table")) throw this.unknown()
    this.word("table")
    const ifNotExists = this.takeWord("if")
    if (ifNotExists) {
      this.word("not")
      this.word("exists")
    }
    const table = this.relationName()
    const primaryKey: string[] = []
    const columns: CreateTable["columns"][number][] = []
    this.parenthesized(() =>
      this.list(() => {
        if (this.takeWord("constraint")) this.name()
        if (this.isWord("primary")) {
          this.primaryKeyWords()
          primaryKey.push(...this.parenthesized(() => this.list(() => this.name())))
        } else columns.push(this.columnDefinition(primaryKey))
      }),
    )
    return { kind: "create table", table, ifNotExists, columns, primaryKey }
  }

  private columnDefinition(primaryKey: string[]): CreateTable["columns"][number] {
    const name = this.name()
    const type = this.typeName()
    let notNull = false
    for (;;) {
      if (this.isWord("not")) {
        this.at++
        notNull = this.then("null", true)
      } else if (this.isWord("primary")) {
        this.primaryKeyWords()
        primaryKey.push(name)
      } else if (!this.takeWord("null")) return { name, type, notNull }
    }
  }

  private primaryKeyWords(): void {
    this.word("primary")
    this.word("key")
  }

  private dropTable(): Statement {
    if (!this.isWord("table")) throw this.unknown()
    this.word("table")
    const ifExists = this.takeWord("if") && this.then("exists", true)
    return { kind: "drop table", tables: this.list(() => this.relationName()), ifExists }
  }

  private truncate(): Statement {
    this.takeWord("table")
    return { kind: "truncate", tables: this.list(() => this.relationName()) }
  }

  // --- expressions, from the weakest operator to the strongest

  private expression(): Expression {
    const { at } = this.peek()
    const operands = [this.conjunction()]
    while (this.takeWord("or")) operands.push(this.conjunction())
    return operands.length === 1 ? operands[0]! : { kind: "or", operands, at }
  }

  private conjunction(): Expression {
    const { at } = this.peek()
    const operands = [this.negation()]
    while (this.takeWord("and")) operands.push(this.negation())
    return operands.length === 1 ? operands[0]! : { kind: "and", operands, at }
  }

  private negation(): Expression {
    const { at } = this.peek()
    return this.takeWord("not") ? { kind: "not", operand: this.negation(), at } : this.test()
  }

  private test(): Expression {
    let operand = this.comparison()
    for (;;) {
      const { at } = this.peek()
      if (this.takeWord("isnull")) operand = { kind: "is", operand, what: "null", negated: false, at }
      else if (this.takeWord("notnull")) operand = { kind: "is", operand, what: "null", negated: true, at }
      else if (this.takeWord("is")) operand = this.isTest(operand, at)
      else return operand
    }
  }

  private isTest(operand: Expression, at: number): Expression {
    const negated = this.takeWord("not")
    if (this.takeWord("distinct")) {
      this.word("from")
      return { kind: "distinct", left: operand, right: this.comparison(), negated, at }
    }
    for (const what of ["null", "true", "false"] as const)
      if (this.takeWord(what)) return { kind: "is", operand, what, negated, at }
    throw this.unknown()
  }

  private comparison(): Expression {
    const left = this.membership()
    const operator = this.peek()
    if (operator.kind !== "symbol" || !comparisons.has(operator.text)) return left
    this.at++
    const name = operator.text === "!=" ? "<>" : operator.text
    const quantified = this.isAnyWord("any", "some", "all") ? this.peek().text : undefined
    if (quantified) {
      this.at++
      const array = this.parenthesized(() => this.expression())
      return { kind: "any", operator: name, left, array, all: quantified === "all", at: operator.at }
    }
    const right = this.membership()
    if (comparisons.has(this.peek().text) && this.peek().kind === "symbol") throw this.syntaxError()
    return { kind: "binary", operator: name, left, right, at: operator.at }
  }

  private membership(): Expression {
    const operand = this.otherOperators()
    const { at } = this.peek()
    const negated = this.isWord("not") && ["in", "between", "like"].includes(this.tokens[this.at + 1]?.text ?? "")
    if (negated) this.at++
    if (this.takeWord("in")) {
      const list = this.parenthesized(() => {
        if (this.isWord("select")) throw this.unknown()
        return this.list(() => this.expression())
      })
      return { kind: "in", operand, list, negated, at }
    }
    if (this.takeWord("like")) {
      const like: Expression = { kind: "binary", operator: "~~", left: operand, right: this.otherOperators(), at }
      return negated ? { kind: "not", operand: like, at } : like
    }
    if (!this.takeWord("between")) return operand
    const low = this.otherOperators()
    this.word("and")
    const high = this.otherOperators()
    const within: Expression = {
      kind: "and",
      operands: [
        { kind: "binary", operator: ">=", left: operand, right: low, at },
        { kind: "binary", operator: "<=", left: operand, right: high, at },
      ],
      at,
    }
    return negated ? { kind: "not", operand: within, at } : within
  }

  private otherOperators(): Expression {
    return this.leftAssociative(otherOperators, () =>
      this.leftAssociative(new Set(["+", "-"]), () =>
        this.leftAssociative(new Set(["*", "/", "%"]), () => this.signed()),
      ),
    )
  }

  private leftAssociative(operators: ReadonlySet<string>, operand: () => Expression): Expression {
    let left = operand()
    for (;;) {
      const token = this.peek()
      if (token.kind !== "symbol" || !operators.has(token.text)) return left
      this.at++
      left = { kind: "binary", operator: token.text, left, right: operand(), at: token.at }
    }
  }

  private signed(): Expression {
    const { at } = this.peek()
    for (const operator of ["-", "+", "@"] as const)
      if (this.takeSymbol(operator)) return { kind: "unary", operator, operand: this.signed(), at }
    return this.castable()
  }

  private castable(): Expression {
    let operand = this.primary()
    for (;;) {
      const { at } = this.peek()
      if (this.takeSymbol("::")) operand = { kind: "cast", operand, type: this.typeName(), at }
      else if (this.isSymbol("[")) throw this.unknown()
      else return operand
    }
  }

  private primary(): Expression {
    const token = this.peek()
    const { at } = token
    if (token.kind === "end") throw this.syntaxError()
    if (token.kind === "symbol") {
      if (token.text !== "(") throw this.syntaxError()
      return this.parenthesized(() => {
        if (this.isWord("select")) throw this.unknown()
        return this.expression()
      })
    }
    if (token.kind !== "word" && token.kind !== "quoted") {
      this.at++
      if (token.kind === "string") return { kind: "string", value: token.text, at }
      if (token.kind === "parameter") return { kind: "parameter", number: Number(token.text), at }
      return { kind: /^[0-9]+$/.test(token.text) ? "integer" : "decimal", value: token.text, at }
    }
    if (token.kind === "word") {
      const special = this.special(token.text, at)
      if (special) return special
      if (reserved.has(token.text)) throw this.syntaxError()
    }
    return this.columnOrCall()
  }

  private special(word: string, at: number): Expression | undefined {
    if (this.takeWord("true") || this.takeWord("false")) return { kind: "boolean", value: word === "true", at }
    if (this.takeWord("null")) return { kind: "null", at }
    if (this.takeWord("case")) return this.caseExpression(at)
    if (word === "cast" && this.isSymbol("(", 1)) {
      this.at++
      return this.parenthesized(() => {
        const operand = this.expression()
        this.word("as")
        return { kind: "cast", operand, type: this.typeName(), at }
      })
    }
    if (word === "array" && this.isSymbol("[", 1)) {
      this.at += 2
      const items = this.isSymbol("]") ? [] : this.list(() => this.expression())
      this.symbol("]")
      return { kind: "array", items, at }
    }
    if (word.startsWith("current_") && !this.isSymbol("(", 1) && !this.isSymbol(".", 1)) {
      this.at++
      return { kind: "call", call: { name: word, arguments: [], star: false }, at }
    }
    return undefined
  }

  private caseExpression(at: number): Expression {
    if (!this.isWord("when")) throw this.unknown()
    const branches: { when: Expression; then: Expression }[] = []
    while (this.takeWord("when")) {
      const when = this.expression()
      this.word("then")
      branches.push({ when, then: this.expression() })
    }
    const otherwise = this.takeWord("else") ? this.expression() : undefined
    this.word("end")
    return { kind: "case", branches, otherwise, at }
  }

  private columnOrCall(): Expression {
    const { at } = this.peek()
    const { schema, name } = this.qualifiedName()
    const qualifier = schema === undefined ? {} : { schema }
    if (this.isSymbol("(")) return { kind: "call", call: this.callArguments(qualifier, name), at }
    return { kind: "column", ...(schema !== undefined && { table: schema }), name, at }
  }

  private callArguments(qualifier: { schema?: string }, name: string): Call {
    this.symbol("(")
    if (this.takeSymbol("*")) {
      this.symbol(")")
      return { ...qualifier, name, arguments: [], star: true }
    }
    if (this.takeSymbol(")")) return { ...qualifier, name, arguments: [], star: false }
    if (this.isWord("distinct") || this.isWord("all")) throw this.unknown()
    const args = this.list(() => this.argument())
    this.symbol(")")
    if (this.isAnyWord("filter", "over", "within")) throw this.unknown()
    return { ...qualifier, name, arguments: args, star: false }
  }

  private argument(): Argument {
    const token = this.peek()
    const arrow = this.isSymbol("=>", 1) || (this.isSymbol(":", 1) && this.isSymbol("=", 2))
    if (!arrow || (token.kind !== "word" && token.kind !== "quoted")) return { value: this.expression() }
    this.at++
    if (token.kind === "word" && (columnNamesOnly.has(token.text) || reserved.has(token.text))) throw this.syntaxError()
    this.at += this.isSymbol("=>") ? 1 : 2
    return { name: token.text, value: this.expression() }
  }

  // --- names

  private relationName(): RelationName {
    const { at } = this.peek()
    const { schema, name } = this.qualifiedName()
    return { ...(schema !== undefined && { schema }), name, at }
  }

  private qualifiedName(): { schema?: string; name: string } {
    const first = this.name()
    if (!this.takeSymbol(".")) return { name: first }
    const name = this.anyName()
    if (this.isSymbol(".")) throw this.unknown()
    return { schema: first, name }
  }

  private name(): string {
    const token = this.peek()
    if (token.kind !== "quoted" && (token.kind !== "word" || reserved.has(token.text))) throw this.syntaxError()
    this.at++
    return token.text
  }

  /** After a dot or AS any word is a name. */
  private anyName(): string {
    const token = this.peek()
    if (token.kind !== "quoted" && token.kind !== "word") throw this.syntaxError()
    this.at++
    return token.text
  }

  private typeName(): string {
    let name = this.anyName()
    if (name === "character" || name === "double") name += ` ${this.anyName()}`
    if (this.isWord("with") || this.isWord("without")) {
      const which = this.anyName()
      this.word("time")
      this.word("zone")
      name += ` ${which} time zone`
    }
    if (this.isSymbol("(")) throw this.unknown()
    if (this.takeSymbol("[")) {
      this.symbol("]")
      name += "[]"
    }
    return name
  }

  // --- tokens

  private list<T>(item: () => T): T[] {
    const items = [item()]
    while (this.takeSymbol(",")) items.push(item())
    return items
  }

  private parenthesized<T>(inner: () => T): T {
    this.symbol("(")
    const value = inner()
    this.symbol(")")
    return value
  }

  private peek(): Token {
    return this.tokens[this.at]!
  }

  private isWord(word: string): boolean {
    const token = this.peek()
    return token.kind === "word" && token.text === word
  }

  private isAnyWord(...words: string[]): boolean {
    return words.some((word) => this.isWord(word))
  }

  private takeWord(word: string): boolean {
    const found = this.isWord(word)
    if (found) this.at++
    return found
  }

  private optionalWord(...words: string[]): void {
    if (this.isAnyWord(...words)) this.at++
  }

  private word(word: string): void {
    if (!this.takeWord(word)) throw this.peek().kind === "end" ? this.syntaxError() : this.unknown()
  }

  private isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.tokens[this.at + ahead]
    return token?.kind === "symbol" && token.text === symbol
  }

  private takeSymbol(symbol: string): boolean {
    const found = this.isSymbol(symbol)
    if (found) this.at++
    return found
  }

  private symbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.peek().kind === "end" ? this.syntaxError() : this.unknown()
  }

  /** What PostgreSQL says where nothing in SQL could go on like this. */
  private syntaxError(): DatabaseError {
    const token = this.peek()
    const near = token.kind === "end" ? "at end of input" : `at or near "${this.sql.slice(token.at, token.end)}"`
    return new DatabaseError("42601", `syntax error ${near}`, {
      position: String(token.at + 1),
      routine: "scanner_yyerror",
    })
  }

  private unknown(token = this.peek()): DatabaseError {
    return notUnderstood(token.kind === "end" ? "the end" : `"${this.sql.slice(token.at, token.end)}"`, this.sql)
  }
}
