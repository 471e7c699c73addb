/** INSERT, UPDATE and DELETE: on tables that clients made, and INSERT on `messages`, past the category's lock. */
import type { Analyzed, Column, Environment, Range } from "./analyzed.js"
import { DatabaseError, notUnderstood } from "./database-error.js"
import { refuseReadOnly } from "./message-db-functions.js"
import { tableColumns } from "./message-columns.js"
import {
  analyzer,
  outputsOf,
  printRow,
  privilege,
  rangeOf,
  type Output,
  type Plan,
  type Planning,
  type StatementResult,
} from "./plan.js"
import { isTrue, tableColumnsOf } from "./select.js"
import type { Value } from "./sql-type.js"
import type { Assignment, Delete, Insert, RelationName, Target, Update } from "./syntax.js"
import type { OnConflict, Row, Table } from "./table.js"
import type { Steps } from "./transaction.js"

export function planInsert(planning: Planning, insert: Insert): Plan {
  const relation = planning.catalog.find(planning.transaction, planning.searchPath, insert.into)
  if (relation.kind === "view") throw notUnderstood("an INSERT into a view", planning.sql)
  const columns = relation.kind === "messages" ? tableColumns : tableColumnsOf(relation.table)
  const range = rangeOf(insert.alias ?? insert.into.name, columns)
  const rows = valuesOf(planning, insert, columns)
  const onConflict = conflictOf(planning, insert, range, relation.kind === "table" ? relation.table : undefined)
  const { outputs, result } = returningOf(planning, insert.returning, range)

  const insertRow =
    relation.kind === "messages"
      ? insertMessage
      : (environment: Environment, values: readonly (Value | undefined)[]) => {
          const { session, snapshot } = environment
          const row = values.map((value) => value ?? null)
          return relation.table.insert(session.transaction, snapshot, row, onConflict(environment, row))
        }
  return {
    fields: outputs.map(({ field }) => field),
    *run(environment) {
      refuseReadOnly(environment.session, "INSERT")
      const printed: (string | null)[][] = []
      let count = 0
      for (const row of rows) {
        const written = yield* insertRow(
          environment,
          row.map((value) => value?.evaluate(environment)),
        )
        if (written === undefined) continue
        count++
        environment.row = written
        if (outputs.length > 0) printed.push(printRow(outputs, environment))
      }
      return { ...result("INSERT", count, printed), oid: 0 }
    },
  }
}

export function planUpdate(planning: Planning, update: Update): Plan {
  const { table, range } = changed(planning, update.table, update.alias)
  // In PostgreSQL's order, from which parameters get their types: SET comes last.
  const where = update.where && analyzer(planning, [range]).condition(update.where, "WHERE")
  const { outputs, result } = returningOf(planning, update.returning, range)
  const set = assignmentsOf(planning, update.table.name, range, [range], update.set)
  return {
    fields: outputs.map(({ field }) => field),
    *run(environment) {
      refuseReadOnly(environment.session, "UPDATE")
      if (!table) throw privilege(update.table.name)
      const changes = yield* changeRows(table, environment, where, (row) => assign(set, row, environment))
      return result("UPDATE", changes.length, printChanges(outputs, environment, changes, 1))
    },
  }
}

export function planDelete(planning: Planning, statement: Delete): Plan {
  const { table, range } = changed(planning, statement.table, statement.alias)
  const where = statement.where && analyzer(planning, [range]).condition(statement.where, "WHERE")
  const { outputs, result } = returningOf(planning, statement.returning, range)
  return {
    fields: outputs.map(({ field }) => field),
    *run(environment) {
      refuseReadOnly(environment.session, "DELETE")
      if (!table) throw privilege(statement.table.name)
      const changes = yield* changeRows(table, environment, where, () => null)
      return result("DELETE", changes.length, printChanges(outputs, environment, changes, 0))
    },
  }
}

function changed(planning: Planning, name: RelationName, alias: string | undefined) {
  const relation = planning.catalog.find(planning.transaction, planning.searchPath, name)
  const columns =
    relation.kind === "table"
      ? tableColumnsOf(relation.table)
      : relation.kind === "messages"
        ? tableColumns
        : relation.view.columns
  const range = rangeOf(alias ?? name.name, columns)
  return { table: relation.kind === "table" ? relation.table : undefined, range }
}

function* changeRows(
  table: Table,
  environment: Environment,
  where: Analyzed | undefined,
  change: (row: Row) => Row | null,
): Steps<(readonly [Row, Row | null])[]> {
  const { session, snapshot } = environment
  return yield* table.change(session.transaction, snapshot, (row) => isTrue(where, environment, row), change)
}

function printChanges(
  outputs: readonly Output[],
  environment: Environment,
  changes: readonly (readonly [Row, Row | null])[],
  which: 0 | 1,
): (string | null)[][] {
  if (outputs.length === 0) return []
  return changes.map((change) => {
    environment.row = change[which]
    return printRow(outputs, environment)
  })
}

function returningOf(planning: Planning, targets: readonly Target[] | undefined, range: Range) {
  const outputs = targets ? outputsOf(planning, analyzer(planning, [range]), [range], targets) : []
  const fields = outputs.map(({ field }) => field)
  const result = (command: string, rowCount: number, rows: (string | null)[][]): StatementResult => ({
    command,
    rowCount,
    oid: null,
    fields,
    rows,
  })
  return { outputs, result }
}

/** For each row the value of each column of the table, undefined where the default is to be taken. */
function valuesOf(planning: Planning, insert: Insert, columns: readonly Column[]): (Analyzed | undefined)[][] {
  const targets = insert.columns?.map(({ name, at }) =>
    indexOf(columns, name, insert.into.name, at, "checkInsertTargets"),
  )
  const width = targets?.length ?? columns.length
  return insert.rows.map((expressions) => {
    const extra = expressions[width]
    if (extra)
      throw new DatabaseError("42601", "INSERT has more expressions than target columns", {
        position: String(extra.at + 1),
        routine: "transformInsertRow",
      })
    if (targets && expressions.length < targets.length)
      throw new DatabaseError("42601", "INSERT has more target columns than expressions", {
        position: String(insert.columns![expressions.length]!.at + 1),
        routine: "transformInsertRow",
      })
    const row: (Analyzed | undefined)[] = columns.map(() => undefined)
    for (const [index, expression] of expressions.entries()) {
      const column = targets?.[index] ?? index
      if (expression) row[column] = analyzer(planning, []).assignment(expression, columns[column]!)
    }
    return row
  })
}

function* insertMessage(environment: Environment, values: readonly (Value | undefined)[]): Steps<unknown> {
  const { session } = environment
  const [globalPosition, position, time, streamName, type, data, metadata, id] = values
  if (globalPosition !== undefined || time !== undefined)
    throw new DatabaseError("0A000", "the Message DB fake does not understand a given global_position or time")
  if (typeof position === "bigint" && position > BigInt(Number.MAX_SAFE_INTEGER))
    throw new DatabaseError("0A000", "the Message DB fake does not understand positions above 2^53")
  const text = (value: Value | undefined) => (value ?? null) as string | null
  return yield* session.messages.insert(session.transaction, {
    position: (position ?? null) as bigint | null,
    streamName: text(streamName),
    type: text(type),
    data: text(data),
    metadata: text(metadata),
    id: id === undefined ? session.uuid() : text(id),
  })
}

type Changes = readonly (readonly [number, Analyzed | undefined])[]

function assignmentsOf(
  planning: Planning,
  table: string,
  range: Range,
  ranges: readonly Range[],
  assignments: readonly Assignment[],
): Changes {
  return assignments.map(({ column, value, at }) => {
    const index = indexOf(range.columns, column, table, at, "transformUpdateTargetList")
    return [index, value && analyzer(planning, ranges).assignment(value, range.columns[index]!)]
  })
}

function assign(set: Changes, row: Row, environment: Environment): Row {
  environment.row = row
  const next = [...row]
  for (const [index, value] of set) next[index] = value ? value.evaluate(environment) : null
  return next
}

function conflictOf(
  planning: Planning,
  { onConflict, into }: Insert,
  range: Range,
  table: Table | undefined,
): (environment: Environment, row: Row) => OnConflict {
  if (!onConflict) return () => "error"
  if (!table) throw notUnderstood("ON CONFLICT on messages", planning.sql)
  const { columns, update, at } = onConflict
  if (update && !columns)
    throw new DatabaseError("42601", "ON CONFLICT DO UPDATE requires inference specification or constraint name", {
      hint: "For example, ON CONFLICT (column_name).",
      position: String(at - 2),
      routine: "transformOnConflictArbiter",
    })
  if (columns) checkArbiter(table, into, columns)
  if (!update) return () => "nothing"
  const excluded: Range = { name: "excluded", columns: range.columns, row: (environment) => environment.excluded }
  const ranges = [range, excluded]
  const set = assignmentsOf(planning, into.name, range, ranges, update.set)
  const where = update.where && analyzer(planning, ranges).condition(update.where, "WHERE")
  return (environment, row) => (existing) => {
    environment.excluded = row
    return isTrue(where, environment, existing) ? assign(set, existing, environment) : undefined
  }
}

/** @throws DatabaseError 42P10 */
function checkArbiter({ definition }: Table, into: RelationName, columns: readonly string[]): void {
  const indexes = columns.map((name) => {
    const index = definition.columns.findIndex((column) => column.name === name)
    if (index >= 0) return index
    throw new DatabaseError("42703", `column "${name}" does not exist`, {
      routine: "errorMissingColumn",
      table: into.name,
    })
  })
  const key = definition.primaryKey
  if (key.length > 0 && key.length === new Set(indexes).size && indexes.every((index) => key.includes(index))) return
  throw new DatabaseError(
    "42P10",
    "there is no unique or exclusion constraint matching the ON CONFLICT specification",
    {
      routine: "infer_arbiter_indexes",
    },
  )
}

function indexOf(columns: readonly Column[], name: string, table: string, at: number, routine: string): number {
  const index = columns.findIndex((column) => column.name === name)
  if (index >= 0) return index
  throw new DatabaseError("42703", `column "${name}" of relation "${table}" does not exist`, {
    position: String(at + 1),
    routine,
  })
}
