/**
 * A table that a client made, such as the one for checkpoints: rows by primary key, in versions.
 *
 * - A row has committed versions, each with the number of its commit, and at most one pending version, which belongs to
 *   the transaction that holds the row's lock.
 * - Who wants to change a row takes its lock, and so waits for the transaction that changed it last. Then READ COMMITTED
 *   goes on with the newest version, REPEATABLE READ fails with 40001 if that is not the version that it sees.
 * - Old versions are kept only while there are snapshots that may see them.
 */
import { DatabaseError } from "./database-error.js"
import { shorten } from "./failing-row.js"
import type { SqlType, Value } from "./sql-type.js"
import { output } from "./sql-type.js"
import type { Steps, Transaction } from "./transaction.js"

export interface Column {
  readonly name: string
  readonly type: SqlType
  readonly notNull: boolean
}

export type Row = readonly Value[]

interface Version {
  /** Null: deleted. */
  readonly row: Row | null
  readonly commit: number
}

interface Slot {
  readonly lock: string
  versions: Version[]
  pending: { readonly transaction: Transaction; readonly row: Row | null } | undefined
}

export interface TableDefinition {
  readonly schema: string
  readonly name: string
  readonly columns: readonly Column[]
  /** Indexes of the columns; none if the table has no primary key. */
  readonly primaryKey: readonly number[]
}

/** What happens to a row that is there already. */
export type OnConflict = "error" | "nothing" | ((existing: Row) => Row | undefined)

const concurrent = (what: string) =>
  new DatabaseError("40001", `could not serialize access due to concurrent ${what}`, { routine: "ExecUpdate" })

export class Table {
  readonly definition: TableDefinition
  private readonly slots = new Map<string, Slot>()
  private readonly snapshotsInUse: () => boolean
  private readonly committed: (row: Row) => void
  private unkeyed = 0

  /** @param committed called for each version of a row that a commit made visible */
  constructor(definition: TableDefinition, snapshotsInUse: () => boolean, committed: (row: Row) => void) {
    this.definition = definition
    this.snapshotsInUse = snapshotsInUse
    this.committed = committed
  }

  /** The rows that a query sees. */
  rows(transaction: Transaction, snapshot: number): Row[] {
    const rows: Row[] = []
    for (const slot of this.slots.values()) {
      const row = visible(slot, transaction, snapshot)
      if (row) rows.push(row)
    }
    return rows
  }

  /** The row as it was written, or undefined if nothing was. @throws DatabaseError 23502, 23505 or 40001 */
  *insert(transaction: Transaction, snapshot: number, row: Row, onConflict: OnConflict): Steps<Row | undefined> {
    this.checkNulls(row)
    const lock = this.lockOf(row)
    for (;;) {
      // Looked up anew each time: while this waited the row may have been removed.
      const slot = this.slotAt(lock)
      if (slot.pending && slot.pending.transaction !== transaction) {
        yield* transaction.lock(slot.lock)
        transaction.unlock()
        continue
      }
      const existing = newest(slot, transaction)
      if (!existing) {
        yield* transaction.lock(slot.lock)
        if (newest(slot, transaction)) continue
        this.write(transaction, slot, row)
        return row
      }
      if (onConflict === "error") throw this.duplicate(row)
      if (transaction.snapshot !== undefined && !visible(slot, transaction, snapshot)) throw concurrent("update")
      if (onConflict === "nothing") return undefined
      yield* transaction.lock(slot.lock)
      const current = newest(slot, transaction)
      if (!current) continue
      if (transaction.snapshot !== undefined && current !== visible(slot, transaction, snapshot))
        throw concurrent("update")
      const changed = onConflict(current)
      if (changed) this.replace(transaction, slot, changed)
      return changed
    }
  }

  /**
   * Locks the rows that satisfy the condition, one after the other, and changes them: `change` gives the new row,
   * null to delete it, undefined to leave it. Returns pairs of the row before and after.
   */
  *change(
    transaction: Transaction,
    snapshot: number,
    matches: (row: Row) => boolean,
    change: (row: Row) => Row | null | undefined,
    ifLocked: "wait" | "nowait" | "skip" = "wait",
  ): Steps<(readonly [Row, Row | null])[]> {
    const changed: (readonly [Row, Row | null])[] = []
    const candidates = [...this.slots.values()].filter((slot) => {
      const row = visible(slot, transaction, snapshot)
      return row && matches(row)
    })
    for (const slot of candidates) {
      if (ifLocked !== "wait" && transaction.othersHold(slot.lock)) {
        if (ifLocked === "skip") continue
        throw new DatabaseError("55P03", `could not obtain lock on row in relation "${this.definition.name}"`, {
          routine: "heapam_tuple_lock",
        })
      }
      yield* transaction.lock(slot.lock)
      const current = newest(slot, transaction)
      if (transaction.snapshot !== undefined && current !== visible(slot, transaction, snapshot))
        throw concurrent(current ? "update" : "delete")
      if (!current || !matches(current)) continue
      const next = change(current)
      if (next) {
        this.checkNulls(next)
        this.replace(transaction, slot, next)
      } else if (next === null) this.write(transaction, slot, null)
      changed.push([current, next === undefined ? current : next])
    }
    return changed
  }

  private replace(transaction: Transaction, slot: Slot, row: Row): void {
    if (this.lockOf(row) !== slot.lock && this.definition.primaryKey.length > 0)
      throw new DatabaseError("0A000", "the Message DB fake does not understand an update of a primary key")
    this.write(transaction, slot, row)
  }

  private write(transaction: Transaction, slot: Slot, row: Row | null): void {
    const before = slot.pending
    slot.pending = { transaction, row }
    transaction.enter({
      undo: () => {
        slot.pending = before
        this.forgetIfEmpty(slot)
      },
      commit: (number) => {
        // Of several changes in one transaction the first entry publishes the outcome.
        if (!slot.pending) return
        const outcome = slot.pending.row
        slot.pending = undefined
        slot.versions = [...(this.snapshotsInUse() ? slot.versions : []), { row: outcome, commit: number }]
        if (outcome) this.committed(outcome)
        this.forgetIfEmpty(slot)
      },
    })
  }

  private forgetIfEmpty(slot: Slot): void {
    if (!slot.pending && slot.versions.every((version) => version.row === null)) this.slots.delete(slot.lock)
  }

  private slotAt(lock: string): Slot {
    let slot = this.slots.get(lock)
    if (!slot) this.slots.set(lock, (slot = { lock, versions: [], pending: undefined }))
    return slot
  }

  private lockOf(row: Row): string {
    const { schema, name, primaryKey } = this.definition
    const key = primaryKey.length > 0 ? this.keyOf(row) : [String(++this.unkeyed)]
    return `row ${JSON.stringify([schema, name, ...key])}`
  }

  private keyOf(row: Row): (string | null)[] {
    return this.definition.primaryKey.map((index) => output(this.definition.columns[index]!.type, row[index]!))
  }

  private checkNulls(row: Row): void {
    const { schema, name, columns } = this.definition
    const index = columns.findIndex((column, at) => column.notNull && row[at] === null)
    if (index < 0) return
    const column = columns[index]!.name
    const values = row.map((value, at) => shorten(output(columns[at]!.type, value)))
    throw new DatabaseError(
      "23502",
      `null value in column "${column}" of relation "${name}" violates not-null constraint`,
      {
        detail: `Failing row contains (${values.join(", ")}).`,
        schema,
        table: name,
        column,
        routine: "ReportNotNullViolationError",
      },
    )
  }

  private duplicate(row: Row): DatabaseError {
    const { schema, name, columns, primaryKey } = this.definition
    const constraint = `${name}_pkey`
    const keyColumns = primaryKey.map((index) => quoteIfNeeded(columns[index]!.name)).join(", ")
    return new DatabaseError("23505", `duplicate key value violates unique constraint "${constraint}"`, {
      detail: `Key (${keyColumns})=(${this.keyOf(row).join(", ")}) already exists.`,
      schema,
      table: name,
      constraint,
      routine: "_bt_check_unique",
    })
  }
}

function newest(slot: Slot, transaction: Transaction): Row | null {
  if (slot.pending?.transaction === transaction) return slot.pending.row
  return slot.versions.at(-1)?.row ?? null
}

function visible(slot: Slot, transaction: Transaction, snapshot: number): Row | null {
  if (slot.pending?.transaction === transaction) return slot.pending.row
  return slot.versions.findLast((version) => version.commit <= snapshot)?.row ?? null
}

const quoteIfNeeded = (name: string) => (/^[a-z_][a-z0-9_]*$/.test(name) && name !== "position" ? name : `"${name}"`)
