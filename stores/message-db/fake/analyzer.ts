/**
 * Settles names and types of expressions, as PostgreSQL's analysis does before anything runs: unknown columns and
 * functions, operators without a fitting pair of types, and literals that cannot be read are errors here, also for a
 * table without rows. A literal in quotes and a parameter have no type until their surroundings give them one.
 */
import type { Aggregate, Analyzed, Column, Environment, HoistedCall, Range } from "./analyzed.js"
import { DatabaseError, notUnderstood } from "./database-error.js"
import type { SqlFunction } from "./functions.js"
import { jsonField, textField } from "./jsonb.js"
import { calculate, commonType, compareValues, holds, isArithmetic, like, noOperator } from "./operators.js"
import type { Parameters } from "./parameters.js"
import {
  checkRange,
  elementOf,
  input,
  isInteger,
  isText,
  output,
  typeFacts,
  typeNamed,
  type SqlType,
  type Value,
} from "./sql-type.js"
import type { Argument, Call, Expression } from "./syntax.js"

export interface AnalyzerOptions {
  readonly sql: string
  readonly parameters: Parameters
  readonly functions: ReadonlyMap<string, SqlFunction>
  readonly searchPath: readonly string[]
  readonly ranges: readonly Range[]
}

type Conversion = "implicit" | "assignment" | "explicit"

const conditional = new Set(["coalesce", "greatest", "least", "nullif"])
const noFunctionHint =
  "No function matches the given name and argument types. You might need to add explicit type casts."

export class Analyzer {
  readonly hoisted: HoistedCall[] = []
  readonly aggregates: Aggregate[] = []
  private readonly options: AnalyzerOptions
  /** Calls are hoisted only from where they are made in any case, once. */
  private canHoist = true
  private inAggregate = false
  private firstPlainColumn: { name: string; at: number } | undefined

  constructor(options: AnalyzerOptions) {
    this.options = options
  }

  /** @throws DatabaseError 42804 */
  condition(expression: Expression, clause: string): Analyzed {
    return this.boolean(expression, clause)
  }

  /** An expression in a list of results: what has no type is text. */
  result(expression: Expression): Analyzed {
    const value = this.analyze(expression)
    return value.type === "unknown" ? this.convert(value, "text", "implicit")! : value
  }

  /** A value for a column. @throws DatabaseError 42804 */
  assignment(expression: Expression, column: Column): Analyzed {
    const value = this.analyze(expression)
    const converted = this.convert(value, column.type, "assignment")
    if (converted) return converted
    throw new DatabaseError(
      "42804",
      `column "${column.name}" is of type ${typeFacts(column.type).name} but expression is of type ${typeFacts(value.type).name}`,
      {
        hint: "You will need to rewrite or cast the expression.",
        position: String(value.at + 1),
        routine: "transformAssignedExpr",
      },
    )
  }

  /** LIMIT or OFFSET. */
  count(expression: Expression, clause: string): Analyzed {
    const value = this.convert(this.analyze(expression), "int8", "implicit")
    if (value) return value
    throw notUnderstood(`the expression of ${clause}`, this.options.sql)
  }

  /** The arguments of a function in FROM. */
  rowsOf(call: Call, at: number): { call: Extract<SqlFunction, { kind: "messages" }>; arguments: Analyzed[] } {
    const { found, args } = this.resolve(call, at)
    if (found.kind !== "messages") throw notUnderstood(`${call.name}() as a table`, this.options.sql)
    return { call: found, arguments: args }
  }

  /** To be called when all results are analyzed. @throws DatabaseError 42803 */
  checkAggregates(): void {
    if (this.aggregates.length === 0 || !this.firstPlainColumn) return
    const { name, at } = this.firstPlainColumn
    const table = this.options.ranges[0]!.name
    throw new DatabaseError(
      "42803",
      `column "${table}.${name}" must appear in the GROUP BY clause or be used in an aggregate function`,
      { position: String(at + 1), routine: "substitute_grouped_columns_mutator" },
    )
  }

  private analyze(node: Expression): Analyzed {
    const { at } = node
    switch (node.kind) {
      case "string":
        return { ...constant("unknown", node.value, at), literal: { text: node.value } }
      case "null":
        return { ...constant("unknown", null, at), literal: { text: null } }
      case "boolean":
        return constant("boolean", node.value, at)
      case "integer":
        return this.integer(node.value, at)
      case "decimal":
        return constant("numeric", input("numeric", node.value), at)
      case "parameter":
        return this.parameter(node.number, at)
      case "column":
        return this.column(node.table, node.name, at)
      case "call":
        return this.call(node.call, at)
      case "cast":
        return this.cast(node.operand, node.type, at)
      case "unary":
        return this.unary(node.operator, this.analyze(node.operand), at)
      case "binary":
        return this.binary(node.operator, this.analyze(node.left), this.analyze(node.right), at)
      case "and":
      case "or":
        return this.junction(node.kind, node.operands, at)
      case "not": {
        const operand = this.boolean(node.operand, "NOT")
        return derive("boolean", at, [operand], ([value]) => (value === null ? null : !value))
      }
      case "is":
        return this.is(node, at)
      case "distinct":
        return this.distinct(this.analyze(node.left), this.analyze(node.right), node.negated, at)
      case "in":
        return this.in(node, at)
      case "any":
        return this.any(node, at)
      case "case":
        return this.case(node, at)
      case "array":
        return this.array(node.items, at)
    }
  }

  // --- literals and names

  private integer(text: string, at: number): Analyzed {
    const value = BigInt(text)
    if (value < 2n ** 31n) return constant("int4", value, at)
    return value < 2n ** 63n ? constant("int8", value, at) : constant("numeric", text, at)
  }

  private parameter(number: number, at: number): Analyzed {
    const type = this.options.parameters.typeOf(number, at)
    const evaluate: Analyzed["evaluate"] = (environment) => environment.parameters[number - 1] ?? null
    if (type) return { type, evaluate, isFixed: true, at }
    return { type: "unknown", evaluate, parameter: number, isFixed: true, at }
  }

  private column(table: string | undefined, name: string, at: number): Analyzed {
    const ranges = this.options.ranges.filter((range) => table === undefined || range.name === table)
    if (table !== undefined && ranges.length === 0)
      throw new DatabaseError("42P01", `missing FROM-clause entry for table "${table}"`, {
        position: String(at + 1),
        routine: "errorMissingRTE",
      })
    const found = ranges.flatMap((range) =>
      range.columns.filter((column) => column.name === name).map((column) => ({ range, column })),
    )
    const [first, second] = found
    if (second)
      throw new DatabaseError("42702", `column reference "${name}" is ambiguous`, {
        position: String(at + 1),
        routine: "colNameToVar",
      })
    if (!first) {
      const shown = table === undefined ? `"${name}"` : `${table}.${name}`
      throw new DatabaseError("42703", `column ${shown} does not exist`, {
        position: String(at + 1),
        routine: "errorMissingColumn",
      })
    }
    if (!this.inAggregate) this.firstPlainColumn ??= { name, at }
    const { range, column } = first
    return {
      type: column.type,
      evaluate: (environment) => column.get(range.row(environment)),
      ...(range === this.options.ranges[0] && { column }),
      at,
    }
  }

  // --- conversions

  private cast(operand: Expression, typeName: string, at: number): Analyzed {
    const type = typeNamed(typeName)
    if (!type) throw notUnderstood(`the type ${typeName}`, this.options.sql)
    const value = this.analyze(operand)
    const converted = this.convert(value, type, "explicit")
    if (converted) return { ...converted, at: value.at }
    throw new DatabaseError("42846", `cannot cast type ${typeFacts(value.type).name} to ${typeFacts(type).name}`, {
      position: String(at + 1),
      routine: "transformTypeCast",
    })
  }

  /** Undefined if there is no such conversion. */
  private convert(value: Analyzed, type: SqlType, how: Conversion): Analyzed | undefined {
    if (value.literal) {
      const { text } = value.literal
      return constant(type, text === null ? null : located(value.at, () => input(type, text)), value.at)
    }
    if (value.parameter !== undefined) {
      this.options.parameters.decide(value.parameter, type, value.at)
      const { evaluate, at } = value
      return { type, evaluate, isFixed: true, at }
    }
    const from = value.type
    if (from === type) return value
    if (isText(from) && isText(type)) return { ...value, type }
    const function_ = conversion(from, type, how)
    return function_ && derive(type, value.at, [value], ([v]) => (v === null ? null : function_(v!)))
  }

  private boolean(expression: Expression, clause: string): Analyzed {
    const value = this.analyze(expression)
    const converted = this.convert(value, "boolean", "implicit")
    if (converted) return converted
    throw new DatabaseError(
      "42804",
      `argument of ${clause} must be type boolean, not type ${typeFacts(value.type).name}`,
      { position: String(value.at + 1), routine: "coerce_to_boolean" },
    )
  }

  /** Both in one type, or undefined if there is none. */
  private alike(left: Analyzed, right: Analyzed): readonly [Analyzed, Analyzed] | undefined {
    const type = this.typeOfAll([left, right])
    if (!type) return undefined
    const [a, b] = [this.convert(left, type, "implicit"), this.convert(right, type, "implicit")]
    return a && b && [a, b]
  }

  private typeOfAll(values: readonly Analyzed[]): SqlType | undefined {
    const known = values.map((value) => value.type).filter((type) => type !== "unknown")
    let type: SqlType | undefined = known[0] ?? "text"
    for (const next of known.slice(1)) type = type && commonType(type, next)
    return type
  }

  // --- operators

  private unary(operator: string, operand: Analyzed, at: number): Analyzed {
    const value = operand.type === "unknown" ? this.convert(operand, "int4", "implicit")! : operand
    if (!isInteger(value.type)) throw notUnderstood(`${operator} of ${typeFacts(value.type).name}`, this.options.sql)
    const { type } = value
    return derive(type, at, [value], ([v]) => {
      if (v === null) return null
      const number = v as bigint
      return checkRange(type, operator === "-" || (operator === "@" && number < 0n) ? -number : number)
    })
  }

  private binary(operator: string, left: Analyzed, right: Analyzed, at: number): Analyzed {
    if (operator in holds) return this.comparison(operator, left, right, at)
    if (isArithmetic(operator)) return this.arithmetic(operator, left, right, at)
    const join = (a: Analyzed, b: Analyzed, function_: (x: string, y: string) => Value, type: SqlType) =>
      derive(type, at, [a, b], ([x, y]) => (x === null || y === null ? null : function_(x as string, y as string)))
    const text = (value: Analyzed) => this.convert(value, "text", "assignment")
    if (operator === "||" && [left, right].some((value) => isText(value.type) || value.type === "unknown")) {
      const [a, b] = [text(left), text(right)]
      if (a && b) return join(a, b, (x, y) => x + y, "text")
    }
    if (operator === "~~") {
      const [a, b] = [text(left), text(right)]
      if (a && b && (isText(left.type) || left.type === "unknown")) return join(a, b, like, "boolean")
    }
    if ((operator === "->" || operator === "->>") && left.type === "jsonb") {
      const key = right.type === "unknown" || isText(right.type) ? text(right) : undefined
      if (key && operator === "->") return join(left, key, (x, y) => jsonField(x, y) ?? null, "jsonb")
      if (key) return join(left, key, (x, y) => textField(x, y) ?? null, "text")
    }
    throw notUnderstood(
      `the operator ${typeFacts(left.type).name} ${operator} ${typeFacts(right.type).name}`,
      this.options.sql,
    )
  }

  private comparison(operator: string, left: Analyzed, right: Analyzed, at: number): Analyzed {
    const operands = this.alike(left, right)
    if (!operands) throw noOperator(operator, left.type, right.type, at)
    const [a, b] = operands
    const { type } = a
    if (type === "jsonb" && operator !== "=" && operator !== "<>")
      throw notUnderstood(`${operator} of jsonb`, this.options.sql)
    const test = holds[operator]!
    const compared = derive("boolean", at, [a, b], ([x, y]) =>
      x === null || y === null ? null : test(compareValues(type, x!, y!)),
    )
    return { ...compared, comparison: { operator, left: a, right: b } }
  }

  private arithmetic(operator: string, left: Analyzed, right: Analyzed, at: number): Analyzed {
    if (left.type === "unknown" && right.type === "unknown")
      throw new DatabaseError("42725", `operator is not unique: unknown ${operator} unknown`, {
        hint: "Could not choose a best candidate operator. You might need to add explicit type casts.",
        position: String(at + 1),
        routine: "op_error",
      })
    const [a, b] = this.alike(left, right) ?? []
    if (!a || !b) throw noOperator(operator, left.type, right.type, at)
    if (isText(a.type)) throw noOperator(operator, left.type, right.type, at)
    const { type } = a
    if (!isInteger(type)) throw notUnderstood(`${operator} of ${typeFacts(type).name}`, this.options.sql)
    return derive(type, at, [a, b], ([x, y]) =>
      x === null || y === null ? null : calculate(type, operator, x as bigint, y as bigint),
    )
  }

  private junction(kind: "and" | "or", expressions: readonly Expression[], at: number): Analyzed {
    const operands = expressions.map((operand, index) =>
      this.hoistingOnlyIf(index === 0, () => this.boolean(operand, kind.toUpperCase())),
    )
    const decisive = kind === "or"
    return {
      type: "boolean",
      at,
      isFixed: operands.every((operand) => operand.isFixed),
      ...(kind === "and" && { conjuncts: operands }),
      evaluate: (environment) => {
        let unknown = false
        for (const operand of operands) {
          const value = operand.evaluate(environment)
          if (value === decisive) return decisive
          if (value === null) unknown = true
        }
        return unknown ? null : !decisive
      },
    }
  }

  private is(node: Extract<Expression, { kind: "is" }>, at: number): Analyzed {
    const { what, negated } = node
    const operand = what === "null" ? this.result(node.operand) : this.boolean(node.operand, `IS ${what.toUpperCase()}`)
    const wanted = what === "null" ? null : what === "true"
    return derive("boolean", at, [operand], ([value]) => (value === wanted) !== negated)
  }

  private distinct(left: Analyzed, right: Analyzed, negated: boolean, at: number): Analyzed {
    const operands = this.alike(left, right)
    if (!operands) throw noOperator("=", left.type, right.type, at)
    const { type } = operands[0]
    return derive("boolean", at, operands, ([x, y]) => {
      const same = x === null || y === null ? x === y : compareValues(type, x!, y!) === 0
      return same === negated
    })
  }

  private in(node: Extract<Expression, { kind: "in" }>, at: number): Analyzed {
    const values = [node.operand, ...node.list].map((value) => this.analyze(value))
    const type = this.typeOfAll(values)
    if (!type) throw noOperator("=", values[0]!.type, values.find((v) => v.type !== values[0]!.type)!.type, at)
    const converted = values.map((value) => this.convert(value, type, "implicit")!)
    return derive("boolean", at, converted, ([value, ...list]) => {
      const found = anyHolds(holds["="]!, type, value!, list)
      return found === null ? null : found !== node.negated
    })
  }

  private any(node: Extract<Expression, { kind: "any" }>, at: number): Analyzed {
    const left = this.analyze(node.left)
    const right = this.analyze(node.array)
    const element = elementOf(right.type) ?? (left.type === "unknown" ? "text" : left.type)
    const type = commonType(left.type === "unknown" ? element : left.type, element)
    const value = type && this.convert(left, type, "implicit")
    const arrayType = typeNamed(`${element}[]`)
    const array = right.type === "unknown" && arrayType ? this.convert(right, arrayType, "implicit") : right
    if (!type || !value || !array || !elementOf(array.type))
      throw notUnderstood(
        `${typeFacts(left.type).name} ${node.operator} any ${typeFacts(right.type).name}`,
        this.options.sql,
      )
    const test = holds[node.operator]!
    return derive("boolean", at, [value, array], ([x, list]) => {
      if (list === null) return null
      if (!node.all) return anyHolds(test, type, x!, list as readonly Value[])
      const fails = anyHolds((order) => !test(order), type, x!, list as readonly Value[])
      return fails === null ? null : !fails
    })
  }

  private case(node: Extract<Expression, { kind: "case" }>, at: number): Analyzed {
    return this.hoistingOnlyIf(false, () => {
      const conditions = node.branches.map(({ when }) => this.boolean(when, "CASE/WHEN"))
      const results = this.unified(
        [...node.branches.map(({ then }) => then), node.otherwise ?? { kind: "null", at }],
        "CASE",
      )
      return {
        type: results[0]!.type,
        at,
        evaluate: (environment) => {
          const index = conditions.findIndex((condition) => condition.evaluate(environment) === true)
          return results.at(index)!.evaluate(environment)
        },
      }
    })
  }

  private array(items: readonly Expression[], at: number): Analyzed {
    const values = this.unified(items, "ARRAY")
    const type = values[0] && typeNamed(`${values[0].type}[]`)
    if (!type) throw notUnderstood("the array", this.options.sql)
    return derive(type, at, values, (list) => list)
  }

  private unified(expressions: readonly Expression[], what: string): Analyzed[] {
    const values = expressions.map((expression) => this.analyze(expression))
    const type = this.typeOfAll(values)
    const other = values.find((value) => value.type !== "unknown" && value.type !== values[0]!.type)
    if (!type)
      throw new DatabaseError(
        "42804",
        `${what} types ${typeFacts(values[0]!.type).name} and ${typeFacts(other!.type).name} cannot be matched`,
        { position: String(other!.at + 1), routine: "select_common_type" },
      )
    return values.map((value) => this.convert(value, type, "implicit")!)
  }

  // --- calls

  private call(call: Call, at: number): Analyzed {
    if (call.schema === undefined || call.schema === "pg_catalog") {
      if (conditional.has(call.name)) return this.conditional(call, at)
      if (call.name === "count" || call.name === "min" || call.name === "max")
        return this.aggregate(call, call.name, at)
      if (call.name === "abs" && call.arguments.length === 1)
        return this.unary("@", this.analyze(call.arguments[0]!.value), at)
      if (call.name === "mod" && call.arguments.length === 2) {
        const [a, b] = call.arguments.map(({ value }) => this.analyze(value))
        return this.arithmetic("%", a!, b!, at)
      }
    }
    const { found, args } = this.resolve(call, at)
    if (found.kind === "messages") throw notUnderstood(`${call.name}() outside of FROM`, this.options.sql)
    if (found.kind === "value") {
      const value = derive(found.type, at, args, (values, { session }) => found.call(session, ...values))
      const isCategory = call.name === "category" && args[0]?.column?.name === "stream_name"
      return isCategory ? { ...value, isCategory } : value
    }
    if (!this.canHoist || this.options.ranges.length > 0)
      throw notUnderstood(`${call.name}() other than once in a statement without FROM`, this.options.sql)
    const index = this.hoisted.length
    this.hoisted.push({
      run: (environment) => found.call(environment.session, ...args.map((argument) => argument.evaluate(environment))),
    })
    return { type: found.type, at, evaluate: (environment) => environment.calls[index]! }
  }

  private conditional(call: Call, at: number): Analyzed {
    const expressions = call.arguments.map(({ value }) => value)
    return this.hoistingOnlyIf(false, () => {
      const values = this.unified(expressions, call.name.toUpperCase())
      const { type } = values[0]!
      if (call.name === "nullif")
        return derive(type, at, values, ([x, y]) =>
          x !== null && y !== null && compareValues(type, x!, y!) === 0 ? null : x!,
        )
      if (call.name === "coalesce")
        return derive(type, at, values, (list) => list.find((value) => value !== null) ?? null)
      const sign = call.name === "greatest" ? 1 : -1
      return derive(type, at, values, (list) => extreme(type, list, sign))
    })
  }

  private aggregate(call: Call, kind: Aggregate["kind"], at: number): Analyzed {
    if (this.inAggregate) throw notUnderstood("an aggregate in an aggregate", this.options.sql)
    if (call.star !== (kind === "count" && call.arguments.length === 0) || call.arguments.length > 1)
      throw notUnderstood(`${kind}() with these arguments`, this.options.sql)
    this.inAggregate = true
    const argument = call.star ? undefined : this.result(call.arguments[0]!.value)
    this.inAggregate = false
    const index = this.aggregates.length
    this.aggregates.push({ kind, argument })
    const type = kind === "count" ? "int8" : argument!.type === "varchar" ? "text" : argument!.type
    return { type, at, evaluate: (environment) => environment.aggregates[index]! }
  }

  private resolve(call: Call, at: number): { found: SqlFunction; args: Analyzed[] } {
    checkNotation(call.arguments)
    const { schema, name } = call
    if (schema !== undefined && !["message_store", "public", "pg_catalog"].includes(schema))
      throw new DatabaseError("3F000", `schema "${schema}" does not exist`, {
        position: String(at + 1),
        routine: "get_namespace_oid",
      })
    const given = call.arguments.map(({ value }) => this.analyze(value))
    const found = this.options.functions.get(name)
    const isReachable =
      found &&
      (schema === undefined
        ? found.schema === "pg_catalog" || this.options.searchPath.includes(found.schema)
        : found.schema === schema)
    const args = isReachable && !call.star ? this.matchArguments(found, call.arguments, given) : undefined
    if (found && args) return { found, args }
    const types = given.map(({ type }, index) => {
      const argumentName = call.arguments[index]!.name
      return `${argumentName === undefined ? "" : `${argumentName} => `}${typeFacts(type).name}`
    })
    const shown = schema === undefined ? name : `${schema}.${name}`
    throw new DatabaseError("42883", `function ${shown}(${types.join(", ")}) does not exist`, {
      hint: noFunctionHint,
      position: String(at + 1),
      routine: "ParseFuncOrColumn",
    })
  }

  /** The arguments in the order of the parameters, or undefined if they do not fit. */
  private matchArguments(
    { parameters }: SqlFunction,
    args: readonly Argument[],
    given: readonly Analyzed[],
  ): Analyzed[] | undefined {
    const byParameter = new Map<number, Analyzed>()
    for (const [index, { name }] of args.entries()) {
      const parameter = name === undefined ? index : parameters.findIndex((candidate) => candidate.name === name)
      if (!parameters[parameter] || byParameter.has(parameter)) return undefined
      byParameter.set(parameter, given[index]!)
    }
    if (parameters.some((parameter, index) => !byParameter.has(index) && parameter.default === undefined))
      return undefined
    // Only when everything fits are parameters and literals given their types.
    for (const [index, value] of byParameter)
      if (value.type !== "unknown" && !isImplicit(value.type, parameters[index]!.type)) return undefined
    return parameters.map((parameter, index) => {
      const value = byParameter.get(index)
      return value ? this.convert(value, parameter.type, "implicit")! : constant(parameter.type, parameter.default!, 0)
    })
  }

  private hoistingOnlyIf<T>(allowed: boolean, work: () => T): T {
    const before = this.canHoist
    this.canHoist = before && allowed
    try {
      return work()
    } finally {
      this.canHoist = before
    }
  }
}

/** @throws DatabaseError 42601 */
function checkNotation(args: readonly Argument[]): void {
  const names = new Set<string>()
  const wrong = (message: string, at: number) =>
    new DatabaseError("42601", message, { position: String(at + 1), routine: "ParseFuncOrColumn" })
  for (const { name, value } of args) {
    if (name === undefined) {
      if (names.size > 0) throw wrong("positional argument cannot follow named argument", value.at)
      continue
    }
    if (names.has(name)) throw wrong(`argument name "${name}" used more than once`, value.at)
    names.add(name)
  }
}

function constant(type: SqlType, value: Value, at: number): Analyzed {
  return { type, evaluate: () => value, isFixed: true, at }
}

function derive(
  type: SqlType,
  at: number,
  operands: readonly Analyzed[],
  combine: (values: Value[], environment: Environment) => Value,
): Analyzed {
  const isFixed = operands.length > 0 && operands.every((operand) => operand.isFixed)
  return {
    type,
    at,
    ...(isFixed && { isFixed }),
    evaluate: (environment) => {
      const values: Value[] = []
      for (const operand of operands) values.push(operand.evaluate(environment))
      return combine(values, environment)
    },
  }
}

function located<T>(at: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof DatabaseError ? error.at(at) : error
  }
}

function isImplicit(from: SqlType, to: SqlType): boolean {
  if (from === to || (isText(from) && isText(to))) return true
  const sizes: SqlType[] = ["int2", "int4", "int8", "numeric"]
  return sizes.includes(from) && sizes.indexOf(from) < sizes.indexOf(to)
}

/** How a value of one type becomes one of the other; both are known and differ. */
function conversion(from: SqlType, to: SqlType, how: Conversion): ((value: Value) => Value) | undefined {
  if (isImplicit(from, to)) return (value) => (to === "numeric" ? String(value) : value)
  if (how === "implicit") return undefined
  if (isInteger(from) && isInteger(to)) return (value) => checkRange(to, value as bigint)
  if (isText(to)) return (value) => output(from, value)
  if (how === "assignment") return undefined
  if (isText(from)) return (value) => input(to, value as string)
  return undefined
}

function anyHolds(
  test: (order: number) => boolean,
  type: SqlType,
  value: Value,
  list: readonly Value[],
): boolean | null {
  let unknown = false
  for (const item of list) {
    if (value === null || item === null) unknown = true
    else if (test(compareValues(type, value, item))) return true
  }
  return unknown ? null : false
}

function extreme(type: SqlType, list: readonly Value[], sign: 1 | -1): Value {
  let best: Value = null
  for (const value of list) {
    if (value === null) continue
    if (best === null || compareValues(type, value, best) * sign > 0) best = value
  }
  return best
}
