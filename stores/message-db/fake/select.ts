import type { Aggregate, Analyzed, Environment, Range } from "./analyzed.js"
import { DatabaseError, notUnderstood } from "./database-error.js"
import type { MessageRow } from "./message-rows.js"
import { refuseReadOnly } from "./message-db-functions.js"
import { messageColumns, tableColumns } from "./message-columns.js"
import { compareValues } from "./operators.js"
import {
  analyzer,
  conjunctsOf,
  isSatisfied,
  outputsOf,
  printRow,
  privilege,
  rangeOf,
  rowsNamed,
  type Output,
  type Plan,
  type Planning,
  type StatementResult,
} from "./plan.js"
import type { Value } from "./sql-type.js"
import type { Select } from "./syntax.js"
import type { Row, Table } from "./table.js"
import type { Steps } from "./transaction.js"

type Direction = "forwards" | "backwards"

/** Where the rows come from: in the order of `global_position` if that is what is read, either way. */
interface RowSource {
  readonly ranges: readonly Range[]
  readonly ordered: boolean
  rows(environment: Environment, direction: Direction, where: Analyzed | undefined): Iterable<unknown>
  /** The table whose rows FOR UPDATE can lock. */
  readonly table?: Table
  /** The role may not lock these rows. */
  readonly lockRefused?: string
}

interface Ordering {
  readonly value: Analyzed
  readonly descending: boolean
  readonly nullsFirst: boolean
}

export function planSelect(planning: Planning, select: Select): Plan {
  const source = rowSource(planning, select)
  const { ranges } = source
  const results = analyzer(planning, ranges)
  const outputs = outputsOf(planning, results, ranges, select.targets)
  const where = select.where && analyzer(planning, ranges).condition(select.where, "WHERE")
  const ordering = orderingOf(planning, select, ranges, outputs)
  results.checkAggregates()
  const limit = select.limit && analyzer(planning, []).count(select.limit, "LIMIT")
  const offset = select.offset && analyzer(planning, []).count(select.offset, "OFFSET")
  const { aggregates, hoisted } = results
  const counted = countedRows(source, aggregates)
  const fields = outputs.map(({ field }) => field)
  if (select.lock) checkLocking(planning, select, source, aggregates)

  const answer = (rows: (string | null)[][]): StatementResult => ({
    command: "SELECT",
    rowCount: rows.length,
    oid: null,
    fields,
    rows,
  })
  const bounds = (environment: Environment) => {
    const skip = offset ? rowsNamed(offset.evaluate(environment), "OFFSET") : 0
    return [skip, skip + (limit ? rowsNamed(limit.evaluate(environment), "LIMIT") : Infinity)] as const
  }

  const direction = scanDirection(source, ordering)
  function* candidates(environment: Environment): Steps<Iterable<unknown>> {
    if (select.lock && source.table) {
      const { session, snapshot } = environment
      const matches = (row: Row) => isTrue(where, environment, row)
      const locked = yield* source.table.change(session.transaction, snapshot, matches, () => undefined, select.lock)
      return locked.map(([row]) => row)
    }
    return filtered(source.rows(environment, direction ?? "forwards", where), where, environment)
  }

  return {
    fields,
    *run(environment) {
      if (select.lock) refuseReadOnly(environment.session, "SELECT FOR UPDATE")
      for (const call of hoisted) environment.calls.push(yield* call.run(environment))
      const [from, to] = bounds(environment)
      if (aggregates.length > 0) {
        const rows = counted(environment, where)
        environment.aggregates = aggregates.map((aggregate) => fold(aggregate, rows, environment))
        return answer([printRow(outputs, environment)].slice(from, to))
      }
      const found = yield* candidates(environment)
      const sorted = direction ? found : sort([...found], ordering, environment)
      const rows: (string | null)[][] = []
      let index = 0
      for (const row of sorted) {
        if (index >= to) break
        if (index++ < from) continue
        environment.row = row
        rows.push(printRow(outputs, environment))
      }
      return answer(rows)
    },
  }
}

function rowSource(planning: Planning, { from }: Select): RowSource {
  if (!from) return { ranges: [], ordered: false, rows: () => [undefined] }
  if (from.kind === "function") {
    const { call, arguments: args } = analyzer(planning, []).rowsOf(from.call, from.at)
    return {
      ranges: [rangeOf(from.alias ?? from.call.name, messageColumns)],
      ordered: false,
      rows: (environment) => call.call(environment.session, ...args.map((value) => value.evaluate(environment))),
    }
  }
  const relation = planning.catalog.find(planning.transaction, planning.searchPath, from.relation)
  const name = from.alias ?? from.relation.name
  switch (relation.kind) {
    case "view":
      return {
        ranges: [rangeOf(name, relation.view.columns)],
        ordered: false,
        rows: ({ session, snapshot }) => relation.view.rows(session.messages.scan(session.transaction, snapshot, 0n)),
        lockRefused: from.relation.name,
      }
    case "table":
      return {
        ranges: [rangeOf(name, tableColumnsOf(relation.table))],
        ordered: false,
        rows: ({ session, snapshot }) => relation.table.rows(session.transaction, snapshot),
        table: relation.table,
      }
    case "messages":
      return {
        ranges: [rangeOf(name, tableColumns)],
        ordered: true,
        rows: scanMessages,
        lockRefused: "messages",
      }
  }
}

/** Columns of a client's table, for expressions. */
export function tableColumnsOf(table: Table) {
  return table.definition.columns.map(({ name, type }, index) => ({
    name,
    type,
    get: (row: unknown) => (row as Row)[index]!,
  }))
}

/** Reads the rows that the WHERE clause can want, by the index that fits: of an id, a stream, a category, or all. */
function scanMessages(
  environment: Environment,
  direction: Direction,
  where: Analyzed | undefined,
): Iterable<MessageRow> {
  const { session, snapshot } = environment
  const { transaction, messages } = session
  const { id, stream, category, from } = wanted(environment, where)
  if (id === null || stream === null || category === null) return []
  if (id !== undefined) return messages.withId(transaction, snapshot, id)
  if (stream !== undefined) {
    const rows = messages.readStream(transaction, snapshot, stream, 0n, Infinity)
    // What bypassed the category's lock may have positions in another order than global positions.
    const sign = direction === "backwards" ? -1 : 1
    return rows.sort((a, b) => (a.globalPosition - b.globalPosition) * sign)
  }
  return direction === "backwards"
    ? messages.scanBackwards(transaction, snapshot, category)
    : messages.scan(transaction, snapshot, from, category)
}

interface Wanted {
  id: string | null | undefined
  stream: string | null | undefined
  category: string | null | undefined
  from: bigint
}

/** What the conditions that all have to hold ask of the columns that have an index. */
function wanted(environment: Environment, where: Analyzed | undefined): Wanted {
  const found: Wanted = { id: undefined, stream: undefined, category: undefined, from: 0n }
  for (const { comparison } of where ? conjunctsOf(where) : []) {
    if (!comparison?.right.isFixed) continue
    const { operator, left, right } = comparison
    const column = left.column?.name
    if (operator === "=") {
      if (left.isCategory) found.category = right.evaluate(environment) as string | null
      else if (column === "stream_name") found.stream = right.evaluate(environment) as string | null
      else if (column === "id") found.id = right.evaluate(environment) as string | null
    }
    if (column === "global_position" && (operator === ">=" || operator === ">")) {
      const bound = right.evaluate(environment)
      if (typeof bound === "bigint" && bound > found.from) found.from = bound
    }
  }
  return found
}

function* filtered(rows: Iterable<unknown>, where: Analyzed | undefined, environment: Environment) {
  for (const row of rows) if (isTrue(where, environment, row)) yield row
}

export function isTrue(where: Analyzed | undefined, environment: Environment, row: unknown): boolean {
  environment.row = row
  return !where || isSatisfied(where, environment)
}

function orderingOf(
  planning: Planning,
  { orderBy }: Select,
  ranges: readonly Range[],
  outputs: readonly Output[],
): Ordering[] {
  return orderBy.map(({ value, descending, nullsFirst }) => {
    const ordering = { descending, nullsFirst }
    if (value.kind === "integer") {
      const output = outputs[Number(value.value) - 1]
      if (output) return { ...ordering, value: output.value }
      throw new DatabaseError("42P10", `ORDER BY position ${value.value} is not in select list`, {
        position: String(value.at + 1),
        routine: "findTargetlistEntrySQL92",
      })
    }
    const named =
      value.kind === "column" && value.table === undefined
        ? outputs.find(({ field }) => field.name === value.name)
        : undefined
    return { ...ordering, value: named?.value ?? analyzer(planning, ranges).result(value) }
  })
}

/** The direction in which the rows come in the order that is asked for; undefined if they have to be sorted. */
function scanDirection(source: RowSource, ordering: readonly Ordering[]): Direction | undefined {
  const [first] = ordering
  if (!first) return "forwards"
  if (!source.ordered || first.value.column?.name !== "global_position") return undefined
  return first.descending ? "backwards" : "forwards"
}

function sort(rows: unknown[], ordering: readonly Ordering[], environment: Environment): unknown[] {
  const keyed = rows.map((row) => {
    environment.row = row
    return { row, keys: ordering.map(({ value }) => value.evaluate(environment)) }
  })
  const compare = (a: Value, b: Value, { value, descending, nullsFirst }: Ordering) => {
    if (a === null || b === null) return a === b ? 0 : (a === null) === nullsFirst ? -1 : 1
    return compareValues(value.type, a, b) * (descending ? -1 : 1)
  }
  keyed.sort((a, b) => {
    for (const [index, order] of ordering.entries()) {
      const difference = compare(a.keys[index]!, b.keys[index]!, order)
      if (difference !== 0) return difference
    }
    return 0
  })
  return keyed.map(({ row }) => row)
}

/** The rows to be counted: the last one alone where that is the one with the highest global position. */
function countedRows(source: RowSource, aggregates: readonly Aggregate[]) {
  const isHighest = ({ kind, argument }: Aggregate) => kind === "max" && argument?.column?.name === "global_position"
  const isLast = source.ordered && aggregates.every(isHighest)
  return (environment: Environment, where: Analyzed | undefined): readonly unknown[] => {
    if (!isLast) return [...filtered(source.rows(environment, "forwards", where), where, environment)]
    for (const row of source.rows(environment, "backwards", where)) if (isTrue(where, environment, row)) return [row]
    return []
  }
}

function fold({ kind, argument }: Aggregate, rows: readonly unknown[], environment: Environment): Value {
  let count = 0n
  let best: Value = null
  for (const row of rows) {
    environment.row = row
    const value = argument ? argument.evaluate(environment) : true
    if (value === null) continue
    count++
    if (kind === "count" || !argument) continue
    const better = best === null || compareValues(argument.type, value, best) * (kind === "max" ? 1 : -1) > 0
    if (better) best = value
  }
  return kind === "count" ? count : best
}

function checkLocking(planning: Planning, select: Select, source: RowSource, aggregates: readonly Aggregate[]): void {
  if (aggregates.length > 0)
    throw new DatabaseError("0A000", "FOR UPDATE is not allowed with aggregate functions", {
      routine: "CheckSelectLocking",
    })
  if (source.lockRefused !== undefined) throw privilege(source.lockRefused)
  if (!source.table || select.limit || select.offset) throw notUnderstood("FOR UPDATE", planning.sql)
}
