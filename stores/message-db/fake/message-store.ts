/**
 * The table `messages`, its sequence and its unique indexes.
 *
 * - The sequence stands outside of transactions: a number drawn is never given back.
 * - A row is visible to others from its commit on, and only to snapshots that are not older than it.
 * - A key of a unique index that an open transaction wrote is a lock: who writes the same key waits for its end, and
 *   then fails if the row was committed.
 */
import { DatabaseError } from "./database-error.js"
import { shorten } from "./failing-row.js"
import { firstAtLeast, MessageRow, MessageRows, Stream } from "./message-rows.js"
import type { Steps, Transaction } from "./transaction.js"

/** A row that is to be written; the sequence gives it its global position. */
export interface NewMessage {
  readonly position: bigint | null
  readonly streamName: string | null
  readonly type: string | null
  readonly data: string | null
  readonly metadata: string | null
  readonly id: string | null
}

const table = { schema: "message_store", table: "messages" }

export class MessageStore {
  private readonly committed = new MessageRows()
  private readonly ids = new Map<string, MessageRow>()
  private readonly streams = new Map<string, Stream>()
  private lastDrawn = 0
  private newlyCommitted: MessageRow[] = []

  /** The highest global position that was handed out, 0 if none was. */
  get lastGlobalPosition(): number {
    return this.lastDrawn
  }

  /** Draws from the sequence, checks and inserts. @throws DatabaseError 23502 or 23505 */
  *insert(transaction: Transaction, message: NewMessage): Steps<MessageRow> {
    const globalPosition = ++this.lastDrawn
    const { streamName, type, id } = message
    if (message.position === null || streamName === null || type === null || id === null)
      throw nullColumn(transaction, globalPosition, message)
    // A row is in the index on id before the one on stream and position is looked at, also while it waits there.
    const sameId = () => (this.ids.has(id) ? duplicate("messages_id", "id", id) : undefined)
    yield* claim(transaction, `messages_id ${id}`, sameId, () => duplicate("messages_id", "id", id))
    const position = Number(message.position)
    const stream = this.stream(streamName)
    const key = () => duplicate("messages_stream", 'stream_name, "position"', `${streamName}, ${position}`)
    const samePosition = () => (hasPosition(this.committed.ofStream(streamName), position) ? key() : undefined)
    yield* claim(transaction, `messages_stream ${position} ${streamName}`, samePosition, key)
    const row = new MessageRow({
      globalPosition,
      position,
      time: transaction.startedAt,
      stream,
      type,
      data: message.data,
      metadata: message.metadata,
      id,
    })
    this.write(transaction, row)
    return row
  }

  /** Rows of the stream with at least this position, ascending, at most `limit` that satisfy the filter. */
  readStream(transaction: Transaction, snapshot: number, name: string, from: bigint, limit: number): MessageRow[] {
    return read(
      this.committed.ofStream(name),
      transaction.ownMessages.ofStream(name),
      "position",
      snapshot,
      from,
      limit,
    )
  }

  /** Rows of the category with at least this global position, ascending, at most `limit` that satisfy the filter. */
  readCategory(
    transaction: Transaction,
    snapshot: number,
    category: string,
    from: bigint,
    limit: number,
    filter?: (row: MessageRow) => boolean,
  ): MessageRow[] {
    const own = transaction.ownMessages.ofCategory(category)
    return read(this.committed.ofCategory(category), own, "globalPosition", snapshot, from, limit, filter)
  }

  /** The row with this id: one, or none. */
  withId(transaction: Transaction, snapshot: number, id: string): MessageRow[] {
    const row = this.ids.get(id) ?? transaction.ownMessages.all().find((own) => own.id === id)
    return row && (row.committed <= snapshot || row.committed === Infinity) ? [row] : []
  }

  /** Rows of the stream, last one first. */
  streamBackwards(transaction: Transaction, snapshot: number, name: string): Generator<MessageRow, void, void> {
    return backwards(this.committed.ofStream(name), transaction.ownMessages.ofStream(name), "position", snapshot)
  }

  /** Rows of the table, or of the category, ascending by global position from the given one on. */
  scan(transaction: Transaction, snapshot: number, from: bigint, category?: string): Generator<MessageRow, void, void> {
    const [committed, own] = this.lists(transaction, category)
    return forwards(committed, own, "globalPosition", snapshot, from)
  }

  /** Rows of the table, or of the category, descending by global position. */
  scanBackwards(transaction: Transaction, snapshot: number, category?: string): Generator<MessageRow, void, void> {
    const [committed, own] = this.lists(transaction, category)
    return backwards(committed, own, "globalPosition", snapshot)
  }

  /** The committed rows from a global position on, ascending by it. */
  committedRows(from: bigint): readonly MessageRow[] {
    const rows = this.committed.all()
    return rows.slice(firstAtLeast(rows, "globalPosition", from))
  }

  /** The rows committed since the last call, ascending by global position. */
  takeNewlyCommitted(): readonly MessageRow[] {
    const rows = this.newlyCommitted
    if (rows.length === 0) return rows
    this.newlyCommitted = []
    return rows.sort((a, b) => a.globalPosition - b.globalPosition)
  }

  private lists(transaction: Transaction, category: string | undefined) {
    const own = transaction.ownMessages
    if (category === undefined) return [this.committed.all(), own.all()] as const
    return [this.committed.ofCategory(category), own.ofCategory(category)] as const
  }

  private stream(name: string): Stream {
    let stream = this.streams.get(name)
    if (!stream) this.streams.set(name, (stream = new Stream(name)))
    return stream
  }

  private write(transaction: Transaction, row: MessageRow): void {
    transaction.write(row, (number) => {
      row.committed = number
      this.ids.set(row.id, row)
      this.committed.add(row)
      this.newlyCommitted.push(row)
    })
  }
}

/** Takes a key of a unique index, after the end of the transaction that has it, unless a row with it is there. */
function* claim(
  transaction: Transaction,
  key: string,
  committed: () => DatabaseError | undefined,
  own: () => DatabaseError,
): Steps<void> {
  const before = committed() ?? (transaction.holds(key) ? own() : undefined)
  if (before) throw before
  yield* transaction.lock(key)
  const after = committed()
  if (after) throw after
}

function hasPosition(stream: readonly MessageRow[], position: number): boolean {
  return stream[firstAtLeast(stream, "position", position)]?.position === position
}

type Key = "position" | "globalPosition"

function read(
  committed: readonly MessageRow[],
  own: readonly MessageRow[],
  key: Key,
  snapshot: number,
  from: bigint,
  limit: number,
  filter?: (row: MessageRow) => boolean,
): MessageRow[] {
  const page: MessageRow[] = []
  if (own.length > 0) {
    for (const row of forwards(committed, own, key, snapshot, from)) {
      if (page.length >= limit) break
      if (!filter || filter(row)) page.push(row)
    }
    return page
  }
  for (let at = firstAtLeast(committed, key, from); at < committed.length && page.length < limit; at++) {
    const row = committed[at]!
    if (row.committed <= snapshot && (!filter || filter(row))) page.push(row)
  }
  return page
}

function* forwards(
  committed: readonly MessageRow[],
  own: readonly MessageRow[],
  key: Key,
  snapshot: number,
  from: bigint,
): Generator<MessageRow, void, void> {
  let at = firstAtLeast(committed, key, from)
  let ownAt = firstAtLeast(own, key, from)
  while (at < committed.length || ownAt < own.length) {
    const row = committed[at]
    const mine = own[ownAt]
    if (mine && (!row || mine[key] <= row[key])) {
      ownAt++
      yield mine
    } else if (row) {
      at++
      if (row.committed <= snapshot) yield row
    }
  }
}

function* backwards(
  committed: readonly MessageRow[],
  own: readonly MessageRow[],
  key: Key,
  snapshot: number,
): Generator<MessageRow, void, void> {
  let at = committed.length - 1
  let ownAt = own.length - 1
  while (at >= 0 || ownAt >= 0) {
    const row = committed[at]
    const mine = own[ownAt]
    if (mine && (!row || mine[key] >= row[key])) {
      ownAt--
      yield mine
    } else if (row) {
      at--
      if (row.committed <= snapshot) yield row
    }
  }
}

function nullColumn(transaction: Transaction, globalPosition: number, message: NewMessage): DatabaseError {
  const { position, streamName, type, data, metadata, id } = message
  const required = { position, stream_name: streamName, type, id }
  const column = Object.entries(required).find(([, value]) => value === null)![0]
  const row = [globalPosition, position, transaction.startedAt, streamName, type, data, metadata, id]
  return new DatabaseError(
    "23502",
    `null value in column "${column}" of relation "messages" violates not-null constraint`,
    {
      detail: `Failing row contains (${row.map(shorten).join(", ")}).`,
      routine: "ReportNotNullViolationError",
      ...table,
      column,
    },
  )
}

function duplicate(constraint: string, columns: string, values: string): DatabaseError {
  return new DatabaseError("23505", `duplicate key value violates unique constraint "${constraint}"`, {
    detail: `Key (${columns})=(${values}) already exists.`,
    routine: "_bt_check_unique",
    ...table,
    constraint,
  })
}
