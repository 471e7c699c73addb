import { categoryOf, groupHash } from "./stream-hash.js"
import { textField } from "./jsonb.js"

/** A stream's name with what is derived from it, worked out once. */
export class Stream {
  readonly name: string
  readonly category: string
  private hash: bigint | null | undefined

  constructor(name: string) {
    this.name = name
    this.category = categoryOf(name)
  }

  /** See {@link groupHash}. */
  get groupHash(): bigint | null {
    if (this.hash === undefined) this.hash = groupHash(this.name)
    return this.hash
  }
}

/** A row of `messages`. */
export class MessageRow {
  readonly globalPosition: number
  readonly position: number
  /** UTC, as PostgreSQL prints a timestamp. */
  readonly time: string
  readonly stream: Stream
  readonly type: string
  /** Canonical text of a jsonb value. */
  readonly data: string | null
  readonly metadata: string | null
  readonly id: string
  /** Number of the commit that made it visible to others; infinite until then. */
  committed = Infinity

  constructor(row: {
    globalPosition: number
    position: number
    time: string
    stream: Stream
    type: string
    data: string | null
    metadata: string | null
    id: string
  }) {
    this.globalPosition = row.globalPosition
    this.position = row.position
    this.time = row.time
    this.stream = row.stream
    this.type = row.type
    this.data = row.data
    this.metadata = row.metadata
    this.id = row.id
  }

  /** `category(metadata->>'correlationStreamName')`. */
  get correlation(): string | null {
    const name = this.metadata === null ? undefined : textField(this.metadata, "correlationStreamName")
    return name === undefined ? null : categoryOf(name)
  }
}

const nothing: readonly MessageRow[] = []
const byGlobalPosition = (row: MessageRow) => row.globalPosition
const byPosition = (row: MessageRow) => row.position

/** Rows with the indexes of the table: each list is ascending by its key, without duplicates. */
export class MessageRows {
  private readonly rows: MessageRow[] = []
  private readonly streams = new Map<string, MessageRow[]>()
  private readonly categories = new Map<string, MessageRow[]>()

  add(row: MessageRow): void {
    insert(this.rows, row, byGlobalPosition)
    insert(listOf(this.streams, row.stream.name), row, byPosition)
    insert(listOf(this.categories, row.stream.category), row, byGlobalPosition)
  }

  remove(row: MessageRow): void {
    remove(this.rows, row, byGlobalPosition)
    removeFrom(this.streams, row.stream.name, row, byPosition)
    removeFrom(this.categories, row.stream.category, row, byGlobalPosition)
  }

  get isEmpty(): boolean {
    return this.rows.length === 0
  }

  /** Ascending by global position. */
  all(): readonly MessageRow[] {
    return this.rows
  }

  /** Ascending by position. */
  ofStream(name: string): readonly MessageRow[] {
    return this.streams.get(name) ?? nothing
  }

  /** Ascending by global position. */
  ofCategory(category: string): readonly MessageRow[] {
    return this.categories.get(category) ?? nothing
  }
}

/** Index of the first row whose key is at least `from`. Bigint and number compare exactly. */
export function firstAtLeast(rows: readonly MessageRow[], key: "globalPosition" | "position", from: bigint | number) {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (rows[middle]![key] < from) low = middle + 1
    else high = middle
  }
  return low
}

function listOf(lists: Map<string, MessageRow[]>, name: string): MessageRow[] {
  let list = lists.get(name)
  if (!list) lists.set(name, (list = []))
  return list
}

function insert(list: MessageRow[], row: MessageRow, key: (row: MessageRow) => number): void {
  let at = list.length
  // Nearly always the last one: only what bypassed the category's lock comes in between.
  while (at > 0 && key(list[at - 1]!) > key(row)) at--
  if (at === list.length) list.push(row)
  else list.splice(at, 0, row)
}

function remove(list: MessageRow[], row: MessageRow, key: (row: MessageRow) => number): void {
  const name = key === byPosition ? "position" : "globalPosition"
  list.splice(firstAtLeast(list, name, key(row)), 1)
}

function removeFrom(
  lists: Map<string, MessageRow[]>,
  name: string,
  row: MessageRow,
  key: (row: MessageRow) => number,
): void {
  const list = lists.get(name)!
  remove(list, row, key)
  if (list.length === 0) lists.delete(name)
}
