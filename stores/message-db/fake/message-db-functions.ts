/**
 * The twelve functions of Message DB 1.3: what they check, in their order, and what they say.
 * Inside they call each other without a schema, so all of them need `message_store` in the search path.
 */
import { DatabaseError, inContext } from "./database-error.js"
import type { MessageRow } from "./message-rows.js"
import {
  inside,
  insertOfWriteMessage,
  lockOfWriteMessage,
  outsideSearchPath,
  waitingForCategoryLock,
} from "./plpgsql-context.js"
import type { SessionContext } from "./session-context.js"
import type { SqlType, Value } from "./sql-type.js"
import { cardinalIdOf, categoryOf, hash64, idOf } from "./stream-hash.js"
import type { Steps } from "./transaction.js"
import { parseUuid } from "./uuid-input.js"

type Text = string | null
type Int = bigint | null

/** Compiles the text of a condition together with the rest of the WHERE clause that it is put into. */
export type CompileCondition = (
  session: SessionContext,
  where: string,
  parameters: readonly { readonly type: SqlType; readonly value: Value }[],
) => (row: MessageRow) => boolean

/** `acquire_lock`: waits for the category's lock. @throws DatabaseError 40P01 */
export function* acquireLock(session: SessionContext, streamName: Text): Steps<Int> {
  requireInSearchPath(session, "acquire_lock", "category")
  if (streamName === null) return null
  const key = hash64(categoryOf(streamName))
  try {
    yield* session.transaction.lock(advisoryLock(key))
  } catch (error) {
    throw error instanceof DatabaseError ? error.within(waitingForCategoryLock) : error
  }
  return key
}

export const advisoryLock = (key: bigint) => `advisory lock ${key}`

/** `stream_version`. */
export function streamVersion(session: SessionContext, streamName: Text): Int {
  requireTable(session, "stream_version")
  if (streamName === null) return null
  for (const row of session.messages.streamBackwards(session.transaction, session.innerSnapshot(), streamName))
    return BigInt(row.position)
  return null
}

/** `write_message`. @throws DatabaseError P0001 wrong expected version, 22P02, 23502, 23505, 40P01 */
export function* writeMessage(
  session: SessionContext,
  id: Text,
  streamName: Text,
  type: Text,
  data: Text,
  metadata: Text,
  expectedVersion: Int,
): Steps<bigint> {
  requireInSearchPath(session, "write_message", "acquire_lock")
  try {
    yield* acquireLock(session, streamName)
  } catch (error) {
    throw error instanceof DatabaseError ? error.within(lockOfWriteMessage) : error
  }
  const version = streamVersion(session, streamName) ?? -1n
  if (expectedVersion !== null && expectedVersion !== version)
    throw raised(
      `Wrong expected version: ${expectedVersion} (Stream: ${show(streamName)}, Stream Version: ${version})`,
      inside.write(17, "RAISE"),
    )
  const position = version + 1n
  const uuid = id === null ? null : inContext(inside.write(27, "assignment"), () => parseUuid(id))
  try {
    refuseReadOnly(session, "INSERT")
    yield* session.messages.insert(session.transaction, { position, streamName, type, data, metadata, id: uuid })
  } catch (error) {
    throw error instanceof DatabaseError ? error.within(insertOfWriteMessage) : error
  }
  return position
}

/** @throws DatabaseError 25006 */
export function refuseReadOnly(session: SessionContext, what: string): void {
  if (session.transaction.readOnly)
    throw new DatabaseError("25006", `cannot execute ${what} in a read-only transaction`, {
      routine: "PreventCommandIfReadOnly",
    })
}

const readColumns = `
    SELECT
      id::varchar,
      stream_name::varchar,
      type::varchar,
      position::bigint,
      global_position::bigint,
      data::varchar,
      metadata::varchar,
      time::timestamp
    FROM
      messages
    WHERE
`

/** `get_stream_messages`. */
export function getStreamMessages(
  session: SessionContext,
  compile: CompileCondition,
  streamName: Text,
  position: Int,
  batchSize: Int,
  condition: Text,
): MessageRow[] {
  requireInSearchPath(session, "get_stream_messages", "is_category")
  if (streamName === null || !streamName.includes("-"))
    throw raised(`Must be a stream name: ${show(streamName)}`, inside.stream(7, "RAISE"))
  const from = position ?? 0n
  const size = batchSize ?? 1000n
  const { messages, transaction } = session
  const query = inside.stream(62, "RETURN QUERY")
  if (condition !== null) {
    requireActivated(session, inside.stream(34, "RAISE"))
    const where = `stream_name = $1 AND position >= $2 AND\n(${condition})`
    const parameters = [varchar(streamName), bigint(from), bigint(size)]
    const filter = inContext(query, () => compile(session, where, parameters))
    const limit = inContext(query, () => limitOf(size))
    const rows = inContext(query, () => take(messages.scan(transaction, session.innerSnapshot(), 0n), filter, Infinity))
    return rows.sort((a, b) => a.position - b.position).slice(0, limit)
  }
  const limit = inContext(limitContext("stream_name = $1 AND\n      position >= $2", "position", query), () =>
    limitOf(size),
  )
  return messages.readStream(transaction, session.innerSnapshot(), streamName, from, limit)
}

/** `get_last_stream_message`. */
export function getLastStreamMessage(session: SessionContext, streamName: Text, type: Text): MessageRow[] {
  requireTable(session, "get_last_stream_message")
  if (streamName === null) return []
  const { messages, transaction } = session
  for (const row of messages.streamBackwards(transaction, session.innerSnapshot(), streamName))
    if (type === null || row.type === type) return [row]
  return []
}

/** `get_category_messages`. */
export function getCategoryMessages(
  session: SessionContext,
  compile: CompileCondition,
  category: Text,
  position: Int,
  batchSize: Int,
  correlation: Text,
  member: Int,
  size: Int,
  condition: Text,
): MessageRow[] {
  requireInSearchPath(session, "get_category_messages", "is_category")
  const raise = (text: string, number: number) => raised(text, inside.category(number, "RAISE"))
  const group = `(Consumer Group Member: ${show(member)}, Consumer Group Size: ${show(size)})`
  if (category?.includes("-")) throw raise(`Must be a category: ${category}`, 6)
  if (correlation?.includes("-")) throw raise(`Correlation must be a category (Correlation: ${correlation})`, 32)
  if ((member === null) !== (size === null))
    throw raise(`Consumer group member and size must be specified ${group}`, 46)
  if (member !== null && size !== null) {
    if (size < 1n) throw raise(`Consumer group size must not be less than 1 ${group}`, 56)
    if (member < 0n) throw raise(`Consumer group member must not be less than 0 ${group}`, 63)
    if (member >= size) throw raise(`Consumer group member must be less than the group size ${group}`, 70)
  }
  if (condition !== null) requireActivated(session, inside.category(83, "RAISE"))
  const query = inside.category(114, "RETURN QUERY")
  if (size !== null && size > 32767n)
    throw new DatabaseError("22003", "smallint out of range", { where: query, routine: "int82" })

  const from = position ?? 1n
  const limitSize = batchSize ?? 1000n
  const { messages, transaction } = session
  const snapshot = session.innerSnapshot()
  const clauses = ["category(stream_name) = $1 AND\n      global_position >= $2"]
  if (correlation !== null) clauses.push("category(metadata->>'correlationStreamName') = $4")
  if (size !== null) clauses.push("MOD(@hash_64(cardinal_id(stream_name)), $6) = $5")
  if (condition !== null) {
    const where = [...clauses, `(${condition})`].join(" AND\n      ")
    const values = [varchar(category), bigint(from), bigint(limitSize), varchar(correlation), bigint(member)]
    const filter = inContext(query, () => compile(session, where, [...values, { type: "int2", value: size }]))
    const limit = inContext(query, () => limitOf(limitSize))
    return inContext(query, () => take(messages.scan(transaction, snapshot, 0n), filter, limit))
  }
  const context = limitContext(clauses.join(" AND\n      "), "global_position", query)
  const limit = inContext(context, () => limitOf(limitSize))
  if (category === null) return []
  return messages.readCategory(transaction, snapshot, category, from, limit, memberFilter(correlation, member, size))
}

function memberFilter(correlation: Text, member: Int, size: Int): ((row: MessageRow) => boolean) | undefined {
  if (correlation === null && size === null) return undefined
  return ({ stream, correlation: correlated }) => {
    if (correlation !== null && correlated !== correlation) return false
    return size === null || (stream.groupHash !== null && stream.groupHash % size === member)
  }
}

function take(rows: Iterable<MessageRow>, filter: (row: MessageRow) => boolean, limit: number): MessageRow[] {
  const page: MessageRow[] = []
  for (const row of rows) {
    if (page.length >= limit) break
    if (filter(row)) page.push(row)
  }
  return page
}

function limitContext(where: string, order: string, query: string): string {
  const text = `${readColumns}      ${where}\n    ORDER BY\n      ${order} ASC\n      LIMIT\n        $3`
  return `SQL statement "${text}"\n${query}`
}

/** @throws DatabaseError 2201W */
function limitOf(batchSize: bigint): number {
  if (batchSize === -1n) return Infinity
  if (batchSize < 0n) throw new DatabaseError("2201W", "LIMIT must not be negative", { routine: "recompute_limits" })
  return Number(batchSize)
}

function requireActivated(session: SessionContext, where: string): void {
  const setting = session.settings.get("message_store.sql_condition")
  if (setting === null || setting === "off") throw raised("Retrieval with SQL condition is not activated", where)
}

function raised(message: string, where: string): DatabaseError {
  return new DatabaseError("P0001", message, { where, routine: "exec_stmt_raise" })
}

const show = (value: Text | Int) => value ?? "<NULL>"
const varchar = (value: Text) => ({ type: "varchar" as const, value })
const bigint = (value: Int) => ({ type: "int8" as const, value })

/** @throws DatabaseError 42883 */
function requireInSearchPath(session: SessionContext, caller: keyof typeof outsideSearchPath, called: string): void {
  if (session.searchPath.includes("message_store")) return
  throw new DatabaseError("42883", `function ${called}(character varying) does not exist`, {
    hint: "No function matches the given name and argument types. You might need to add explicit type casts.",
    where: outsideSearchPath[caller],
    routine: "ParseFuncOrColumn",
  })
}

/** @throws DatabaseError 42P01 */
function requireTable(session: SessionContext, caller: keyof typeof outsideSearchPath): void {
  if (session.searchPath.includes("message_store")) return
  throw new DatabaseError("42P01", 'relation "messages" does not exist', {
    where: outsideSearchPath[caller],
    routine: "parserOpenTable",
  })
}

/** The functions of a name alone. */
export const nameFunctions = {
  category: (_: SessionContext, name: Text) => (name === null ? null : categoryOf(name)),
  is_category: (_: SessionContext, name: Text) => name === null || !name.includes("-"),
  id: (_: SessionContext, name: Text) => (name === null ? null : idOf(name)),
  cardinal_id: (session: SessionContext, name: Text) => {
    requireInSearchPath(session, "cardinal_id", "id")
    return name === null ? null : cardinalIdOf(name)
  },
  hash_64: (_: SessionContext, value: Text) => (value === null ? null : hash64(value)),
}
