import { randomUUID } from "node:crypto"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FreshDatabase } from "./fresh-database.js"
import { openPool, type OwnedPool } from "./open-pool.js"
import type { PgClient, PgPool, PgQuery } from "./pg.js"
import { MessageDbReader } from "./reader.js"
import { freshMessageDb, needsMessageDb } from "./real-database.js"
import { DuplicateMessageIdError, MessageDbWriter, WrongExpectedVersionError } from "./writer.js"

describe("MessageDbWriter", needsMessageDb, () => {
  let database: FreshDatabase
  let pool: OwnedPool
  let writer: MessageDbWriter
  let reader: MessageDbReader
  let streams = 0
  const newStream = () => `account-${++streams}`
  const events = (count: number) => Array.from({ length: count }, (_, i) => ({ id: randomUUID(), type: `E${i}` }))
  const typesOf = async (stream: string) => {
    const types: string[] = []
    for await (const page of reader.readStream(stream)) types.push(...page.map((event) => event.type))
    return types
  }

  beforeAll(async () => {
    database = await freshMessageDb()
    pool = await openPool(database.connectionString)
    writer = MessageDbWriter.create({ pool })
    reader = new MessageDbReader({ pool })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  it("counts as Message DB does: -1 before the first message, then the last one's position", async () => {
    const stream = newStream()
    expect(await reader.streamVersion(stream)).toBe(-1n)
    expect(await writer.append(stream, [{ type: "Opened" }], -1n)).toEqual({ version: 0n, repeated: false })
    expect(await writer.append(stream, events(3), 0n)).toEqual({ version: 3n, repeated: false })
    expect(await writer.append(stream, [{ type: "Closed" }])).toEqual({ version: 4n, repeated: false })
    expect(await reader.streamVersion(stream)).toBe(4n)
  })

  it("writes all messages of an append or none", async () => {
    const stream = newStream()
    const [first, second] = events(2)
    const broken = { ...second!, data: "{" }
    await expect(writer.append(stream, [first!, broken])).rejects.toMatchObject({ code: "22P02" })
    expect(await typesOf(stream)).toEqual([])
  })

  it.each([1, 3])("refuses %i message(s) for a version that the stream does not have", async (count) => {
    const stream = newStream()
    await writer.append(stream, events(2))
    const error = await writer.append(stream, events(count), 0n).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(WrongExpectedVersionError)
    expect(error).toMatchObject({ stream, expected: 0n, actual: 1n })
    expect((error as Error).message).toBe(`stream "${stream}" was expected at version 0, but its version is 1`)
  })

  it("keeps its connection after a refusal", async () => {
    const single = await openPool(database.connectionString, { max: 1 })
    const stream = newStream()
    const ours = MessageDbWriter.create({ pool: single })
    const process = async () => (await single.query("select pg_backend_pid() as pid")).rows[0] as { pid: number }
    const before = await process()
    for (const count of [1, 2])
      await expect(ours.append(stream, events(count), 5n)).rejects.toThrow(WrongExpectedVersionError)
    expect(await process()).toEqual(before)
    await single.end()
  })

  it("M-14: takes a position that is taken, seen from a stale snapshot, for a conflict", async () => {
    const stream = newStream()
    await writer.append(stream, events(1))
    const url = new URL(database.connectionString)
    url.searchParams.set("options", "-c default_transaction_isolation=repeatable\\ read")
    const stale = await openPool(url.href)
    // Holds the category's lock, so that the stale writer has its snapshot before this is committed.
    const holder = await pool.connect()
    await holder.query("begin")
    await holder.query("select write_message(gen_random_uuid()::text, $1, 'Other', '{}')", [stream])
    const refused = MessageDbWriter.create({ pool: stale })
      .append(stream, [{ type: "Ours" }], 0n)
      .catch((e: unknown) => e)
    await expect
      .poll(
        async () => (await pool.query("select 1 from pg_locks where locktype = 'advisory' and not granted")).rowCount,
      )
      .toBe(1)
    await holder.query("commit")
    holder.release()
    const error = await refused
    expect(error).toBeInstanceOf(WrongExpectedVersionError)
    expect(error).toMatchObject({ expected: 0n, actual: undefined })
    await stale.end()
  })

  describe("M-13: after a lost reply", () => {
    const expectations = { "the old version": -1n, "the new version": 2n, "any version": "any" } as const
    for (const [name, retryWith] of Object.entries(expectations))
      it(`finds the first attempt again by its ids, with ${name}`, async () => {
        const stream = newStream()
        const messages = events(3)
        const losing = MessageDbWriter.create({ pool: losingFirstReply(pool, /commit/) })
        await expect(losing.append(stream, messages, -1n)).rejects.toThrow("Connection terminated")
        expect(await losing.append(stream, messages, retryWith)).toEqual({ version: 2n, repeated: true })
        expect(await typesOf(stream)).toEqual(["E0", "E1", "E2"])
      })

    it("writes each append once, however often it is repeated and whatever is written in between", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ append: fc.nat(3), checked: fc.boolean() }), { maxLength: 15 }),
          async (steps) => {
            const stream = newStream()
            const appends = [1, 2, 1, 3].map((count, a) =>
              Array.from({ length: count }, (_, i) => ({ id: randomUUID(), type: `${a}.${i}` })),
            )
            const expected: string[] = []
            for (const { append, checked } of steps) {
              const messages = appends[append]!
              const isNew = !expected.includes(`${append}.0`)
              const version = checked ? await reader.streamVersion(stream) : "any"
              const answer = await writer.append(stream, messages, version)
              if (isNew) expected.push(...messages.map((message) => message.type))
              const last = expected.indexOf(messages.at(-1)!.type)
              expect(answer).toEqual({ version: BigInt(last), repeated: !isNew })
            }
            expect(await typesOf(stream)).toEqual(expected)
          },
        ),
        { numRuns: 15 },
      )
    })

    it("does not take another message with the same id for the first attempt", async () => {
      const [one, two] = events(2)
      await writer.append(newStream(), [one!])
      await expect(writer.append(newStream(), [one!])).rejects.toThrow(DuplicateMessageIdError)
      const stream = newStream()
      await writer.append(stream, [two!])
      await expect(writer.append(stream, [two!, ...events(1)])).rejects.toThrow(DuplicateMessageIdError)
      await expect(writer.append(stream, [two!, ...events(1)], 7n)).rejects.toThrow(WrongExpectedVersionError)
    })
  })

  it("M-46: takes JSON as text only", async () => {
    const stream = newStream()
    await writer.append(stream, [{ type: "List", data: "[]", meta: `{"a": [1]}` }])
    expect(await reader.readLast(stream)).toMatchObject({ data: "[]", meta: `{"a": [1]}` })
    const append = (message: object) => writer.append(stream, [message as { type: string }])
    await expect(append({ type: "X", data: [] })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: MessageDbWriter.append: option "data" must be JSON text, received []]`,
    )
    await expect(append({ type: "X", meta: {} })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: MessageDbWriter.append: option "meta" must be JSON text, received an object]`,
    )
  })

  it("M-51: says what is missing when message_store is not in the search path", async () => {
    const url = new URL(database.superuserConnectionString)
    url.searchParams.set("options", "-c search_path=public")
    const elsewhere = await openPool(url.href)
    await expect(MessageDbWriter.create({ pool: elsewhere }).append("a-1", [{ type: "X" }])).rejects.toThrow(
      "message_store in the search_path",
    )
    await elsewhere.end()
  })

  it("says which argument cannot be worked with", async () => {
    const refused = (stream: unknown, messages: unknown, version?: unknown) =>
      writer.append(stream as string, messages as [], version as bigint).catch((error: unknown) => String(error))
    expect([
      await refused("", [{ type: "X" }]),
      await refused("a-1", []),
      await refused("a-1", [{ type: "" }]),
      await refused("a-1", [{ type: "X", id: "7" }]),
      await refused("a-1", [{ type: "X" }], -2n),
      await refused("a-1", [{ type: "X" }], 0),
    ]).toMatchInlineSnapshot(`
      [
        "InvalidOptionError: MessageDbWriter.append: option "stream" must be a non-empty string, received """,
        "InvalidOptionError: MessageDbWriter.append: option "messages" must be an array of at least one message, received []",
        "InvalidOptionError: MessageDbWriter.append: option "type" must be a non-empty string, received """,
        "InvalidOptionError: MessageDbWriter.append: option "id" must be a UUID, received "7"",
        "InvalidOptionError: MessageDbWriter.append: option "expectedVersion" must be a bigint of at least -1, or "any", received -2n",
        "InvalidOptionError: MessageDbWriter.append: option "expectedVersion" must be a bigint of at least -1, or "any", received 0",
      ]
    `)
    expect(() => MessageDbWriter.create({ pool: {} as never })).toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: MessageDbWriter.create: option "pool" must be an object with connect(), received an object]`,
    )
  })
})

/** The first statement that matches is carried out, its answer is lost and the connection with it. */
function losingFirstReply(pool: OwnedPool, statement: RegExp): PgPool {
  let lost = false
  const losing = (client: PgClient): PgClient => ({
    release: (destroy) => client.release(destroy),
    query: async (text: string | PgQuery, values?: unknown[]) => {
      const result = await client.query(text as string, values)
      if (lost || typeof text !== "string" || !statement.test(text)) return result
      lost = true
      throw new Error("Connection terminated unexpectedly")
    },
  })
  return {
    query: (text: string | PgQuery, values?: unknown[]) => pool.query(text as string, values),
    connect: async () => losing(await pool.connect()),
  }
}
