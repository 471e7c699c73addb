/*
 * Appends to streams of a Message DB.
 *
 * Several messages are one transaction: all of them or none, at positions that follow each other. Versions are Message
 * DB's own numbers: the version of a stream is the position of its last message, -1 for a stream without messages.
 *
 * An append whose answer was lost may be repeated with the same ids: the store then refuses, because the version has
 * moved or the ids are there; and before that is taken for somebody else's doing, the ids are looked up. Found in this
 * stream, one after the other, they are the first attempt's, and the answer is what that one would have answered.
 */
import * as v from "valibot"
import { checkOptions, has, InvalidOptionError, optional, text } from "../../engine/options.js"
import { systemRandom, type Random } from "../../engine/random.js"
import type { PgClient, PgPool } from "./pg.js"
import { explainingSearchPath } from "./search-path.js"

const writeSql = "select write_message($1, $2, $3, $4, $5, $6)"
const findSql = "select stream_name, position from messages where id = $1"

export interface NewMessage {
  /** A UUID, unique in the whole store; give one to be able to repeat the append. Default: a random one. */
  readonly id?: string
  readonly type: string
  /** JSON text. The store keeps the value, not the spelling. */
  readonly data?: string
  /** JSON text. */
  readonly meta?: string
}

/** The position of the stream's last message, -1n for a stream without messages; or "any": no check. */
export type ExpectedVersion = bigint | "any"

export interface Appended {
  /** Position in the stream of the last message of this append: the stream's version when it was written. */
  readonly version: bigint
  /** The messages had been written by an earlier attempt with the same ids. */
  readonly repeated: boolean
}

/** Somebody else has written to the stream: read it, decide again, and append with its new version. */
export class WrongExpectedVersionError extends Error {
  override readonly name = "WrongExpectedVersionError"
  readonly stream: string
  readonly expected: ExpectedVersion
  /** The stream's version; undefined where the store could not tell, in a transaction that sees an older state. */
  readonly actual: bigint | undefined
  constructor(stream: string, expected: ExpectedVersion, actual: bigint | undefined, cause: unknown) {
    const found = actual === undefined ? "it was written to since the transaction began" : `its version is ${actual}`
    super(`stream "${stream}" was expected at version ${expected}, but ${found}`, { cause })
    this.stream = stream
    this.expected = expected
    this.actual = actual
  }
}

/** An id is taken by another message, or only a part of the ids is: this is no repetition of the same append. */
export class DuplicateMessageIdError extends Error {
  override readonly name = "DuplicateMessageIdError"
  readonly stream: string
  constructor(stream: string, cause: unknown) {
    super(`an id of the messages for stream "${stream}" is in the store already, and not from the same append`, {
      cause,
    })
    this.stream = stream
  }
}

const messageEntries = {
  id: optional(
    v.custom<string>((x) => typeof x === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(x), "a UUID"),
  ),
  type: text,
  data: optional(v.custom<string>((x) => typeof x === "string", "JSON text")),
  meta: optional(v.custom<string>((x) => typeof x === "string", "JSON text")),
}

interface Message extends NewMessage {
  readonly id: string
}

export class MessageDbWriter {
  /** @throws InvalidOptionError */
  static create(options: { readonly pool: PgPool; readonly random?: Random }): MessageDbWriter {
    checkOptions("MessageDbWriter.create", { pool: has("connect"), random: optional(has("uuid")) }, options)
    return new MessageDbWriter(options.pool, options.random ?? systemRandom)
  }

  readonly #pool: PgPool
  readonly #random: Random

  private constructor(pool: PgPool, random: Random) {
    this.#pool = pool
    this.#random = random
  }

  /**
   * Appends messages to a stream, all of them or none.
   * @throws WrongExpectedVersionError, DuplicateMessageIdError, InvalidOptionError, and what the driver throws: then
   * the messages may have been written, and the append may be repeated if they had ids.
   */
  async append(
    stream: string,
    messages: readonly NewMessage[],
    expectedVersion: ExpectedVersion = "any",
  ): Promise<Appended> {
    check(stream, messages, expectedVersion)
    const withIds = messages.map((message) => ({ ...message, id: message.id ?? this.#random.uuid() }))
    return this.#withClient(async (client) => {
      try {
        const version = await write(client, stream, withIds, expectedVersion)
        return { version, repeated: false }
      } catch (error) {
        if (!isRefused(error)) throw error
        // With an id of our own there was no earlier attempt.
        const mayRepeat = messages.every((message) => message.id !== undefined)
        const version = mayRepeat ? await findEarlierAttempt(client, stream, withIds) : undefined
        if (version !== undefined) return { version, repeated: true }
        throw refusal(error, stream, expectedVersion)
      }
    })
  }

  /** A connection that answered with an error is kept: `pool.query` would close it, at each version conflict. */
  async #withClient<T>(work: (client: PgClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect()
    try {
      const result = await work(client)
      client.release()
      return result
    } catch (error) {
      client.release(isAnswer(error) ? undefined : (error as Error))
      throw error
    }
  }
}

async function write(
  client: PgClient,
  stream: string,
  messages: readonly Message[],
  expectedVersion: ExpectedVersion,
): Promise<bigint> {
  if (messages.length === 1) return writeOne(client, stream, messages[0]!, expectedVersion)
  await client.query("begin")
  try {
    let expected = expectedVersion
    let version = -1n
    for (const message of messages) {
      version = await writeOne(client, stream, message, expected)
      if (expected !== "any") expected = version
    }
    await client.query("commit")
    return version
  } catch (error) {
    // Without a connection there is nothing to roll back, and the first error is the one to report.
    await client.query("rollback").catch(() => {})
    throw error
  }
}

async function writeOne(
  client: PgClient,
  stream: string,
  { id, type, data, meta }: Message,
  expected: ExpectedVersion,
): Promise<bigint> {
  const values = [id, stream, type, data ?? null, meta ?? null, expected === "any" ? null : String(expected)]
  try {
    const { rows } = await client.query(writeSql, values)
    return BigInt((rows[0] as { write_message: string }).write_message)
  } catch (error) {
    throw explainingSearchPath(error)
  }
}

/** The version that the earlier attempt answered, or would have; undefined if these messages are not one append. */
async function findEarlierAttempt(
  client: PgClient,
  stream: string,
  messages: readonly Message[],
): Promise<bigint | undefined> {
  let version: bigint | undefined
  for (const { id } of messages) {
    const { rows } = await client.query(findSql, [id])
    const found = rows[0] as { stream_name: string; position: string } | undefined
    if (found?.stream_name !== stream) return undefined
    const position = BigInt(found.position)
    if (version !== undefined && position !== version + 1n) return undefined
    version = position
  }
  return version
}

interface StoreError {
  readonly code?: string
  readonly message?: string
  readonly constraint?: string
}

/** The store answered with an error, as opposed to: it did not answer. */
function isAnswer(error: unknown): boolean {
  if (error instanceof WrongExpectedVersionError || error instanceof DuplicateMessageIdError) return true
  const { severity } = error as { severity?: string }
  return severity === "ERROR"
}

function isRefused(error: unknown): boolean {
  return isVersionConflict(error) || violates(error, "messages_stream") || violates(error, "messages_id")
}

function isVersionConflict(error: unknown): boolean {
  const { code, message } = error as StoreError
  return code === "P0001" && message?.startsWith("Wrong expected version: ") === true
}

function violates(error: unknown, constraint: string): boolean {
  const { code, constraint: violated } = error as StoreError
  return code === "23505" && violated === constraint
}

/** A stale snapshot shows as a position that is taken: the store compared with a version that it could not see past. */
function refusal(error: unknown, stream: string, expected: ExpectedVersion): Error {
  if (violates(error, "messages_id")) return new DuplicateMessageIdError(stream, error)
  const actual = /Stream Version: (-?\d+)\)$/.exec((error as StoreError).message ?? "")?.[1]
  return new WrongExpectedVersionError(stream, expected, actual === undefined ? undefined : BigInt(actual), error)
}

function check(stream: string, messages: readonly NewMessage[], expectedVersion: ExpectedVersion): void {
  const where = "MessageDbWriter.append"
  checkOptions(where, { stream: text }, { stream })
  if (!Array.isArray(messages) || messages.length === 0)
    throw new InvalidOptionError(where, "messages", messages, "an array of at least one message")
  for (const message of messages) checkOptions(where, messageEntries, message)
  if (expectedVersion !== "any" && (typeof expectedVersion !== "bigint" || expectedVersion < -1n))
    throw new InvalidOptionError(where, "expectedVersion", expectedVersion, `a bigint of at least -1, or "any"`)
}
