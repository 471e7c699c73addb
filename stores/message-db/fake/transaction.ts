/**
 * A transaction: what it did and holds, so that it can be taken back as a whole or to a savepoint.
 *
 * - Whatever a statement changes is entered in the journal. Rolling back undoes the entries, last one first; committing
 *   lets every entry take effect under one number, the next of the database's commits.
 * - A lock belongs to the savepoint under which it was taken: rolling back to it gives the lock back, releasing the
 *   savepoint leaves it to the transaction.
 * - A snapshot is the number of the last commit that may be seen. Under READ COMMITTED each query has a new one; under
 *   the other levels the first query decides. SERIALIZABLE is treated as REPEATABLE READ: PostgreSQL's check for read
 *   and write dependencies (40001) is not modelled.
 */
import { DatabaseError } from "./database-error.js"
import type { LockOwner, Locks } from "./locks.js"
import { type MessageRow, MessageRows } from "./message-rows.js"
import { printTime } from "./sql-type.js"

export type Isolation = "read uncommitted" | "read committed" | "repeatable read" | "serializable"

/** An entry of the journal. */
export interface Effect {
  undo(): void
  commit(number: number): void
}

/** What a statement does while it can be made to wait: it yields when it waits for a lock and goes on when it has it. */
export type Steps<T> = Generator<void, T, void>

const noMessages = new MessageRows()

interface Savepoint {
  readonly name: string
  readonly effects: number
  readonly locks: number
}

export class Transaction implements LockOwner {
  readonly processId: number
  /** Begun by BEGIN; otherwise it ends with the statement or the string of statements. */
  explicit: boolean
  isolation: Isolation = "read committed"
  readOnly: boolean
  /** Of REPEATABLE READ and SERIALIZABLE, from the first query on. */
  snapshot: number | undefined
  failed = false
  /** A query was made, after which the isolation level stays. */
  hasQueried = false
  waitingFor: string | undefined
  /** Rows that it wrote and that nobody else sees; none before the first one. */
  private rows: MessageRows | undefined
  /** Milliseconds since the Unix epoch; most transactions only read, and never ask for it as text. */
  private readonly startedAtMs: number
  private readonly locks: Locks
  private readonly onGranted: () => void
  private readonly journal: Effect[] = []
  private readonly heldLocks: string[] = []
  private readonly savepoints: Savepoint[] = []

  constructor(options: {
    processId: number
    startedAtMs: number
    explicit: boolean
    locks: Locks
    onGranted: () => void
    readOnly: boolean
  }) {
    this.readOnly = options.readOnly
    this.processId = options.processId
    this.startedAtMs = options.startedAtMs
    this.explicit = options.explicit
    this.locks = options.locks
    this.onGranted = options.onGranted
  }

  /** What `now()` is in this transaction, in UTC as PostgreSQL prints a timestamp. */
  get startedAt(): string {
    return printTime(this.startedAtMs)
  }

  /** To be read. */
  get ownMessages(): Pick<MessageRows, "all" | "ofStream" | "ofCategory"> {
    return this.rows ?? noMessages
  }

  /** Enters a row that nobody else sees until the commit, which calls `committed`. */
  write(row: MessageRow, committed: (number: number) => void): void {
    const rows = (this.rows ??= new MessageRows())
    rows.add(row)
    this.enter({ undo: () => rows.remove(row), commit: committed })
  }

  granted(name: string): void {
    this.heldLocks.push(name)
    this.onGranted()
  }

  enter(effect: Effect): void {
    this.journal.push(effect)
  }

  /** Takes a lock, waiting for it if another transaction has it. */
  *lock(name: string): Steps<void> {
    if (this.locks.acquire(this, name)) this.heldLocks.push(name)
    else yield
  }

  /** Gives the lock back that was taken last. */
  unlock(): void {
    this.locks.release(this, this.heldLocks.pop()!)
  }

  holds(name: string): boolean {
    return this.locks.holder(name) === this
  }

  othersHold(name: string): boolean {
    const holder = this.locks.holder(name)
    return holder !== undefined && holder !== this
  }

  savepoint(name: string): void {
    this.savepoints.push({ name, effects: this.journal.length, locks: this.heldLocks.length })
  }

  /** @throws DatabaseError 3B001 */
  rollbackTo(name: string): void {
    const index = this.find(name)
    this.savepoints.length = index + 1
    this.undo(this.savepoints[index])
    this.failed = false
  }

  /** @throws DatabaseError 3B001 */
  release(name: string): void {
    this.savepoints.length = this.find(name)
  }

  /** An error: undoes what was done since the last savepoint, or all, and lets nothing in but the end. */
  fail(): void {
    this.failed = true
    this.undo(this.savepoints.at(-1))
  }

  rollback(): void {
    this.locks.giveUp(this)
    this.undo(undefined)
  }

  get hasSavepoints(): boolean {
    return this.savepoints.length > 0
  }

  /** True if there is anything that others will see. */
  get hasEffects(): boolean {
    return this.journal.length > 0
  }

  commit(number: number): void {
    for (const effect of this.journal) effect.commit(number)
    this.journal.length = 0
    this.freeLocks(0)
  }

  private find(name: string): number {
    const index = this.savepoints.findLastIndex((savepoint) => savepoint.name === name)
    if (index < 0)
      throw new DatabaseError("3B001", `savepoint "${name}" does not exist`, { routine: "RollbackToSavepoint" })
    return index
  }

  private undo(to: Savepoint | undefined): void {
    if (this.journal.length > 0) for (const effect of this.journal.splice(to?.effects ?? 0).reverse()) effect.undo()
    this.freeLocks(to?.locks ?? 0)
  }

  private freeLocks(from: number): void {
    if (this.heldLocks.length > from) for (const name of this.heldLocks.splice(from)) this.locks.release(this, name)
  }
}
