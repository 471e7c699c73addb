import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { MemoryCheckpoints } from "../../engine/memory-checkpoints.js"
import { StreamsSink, type EventHandler } from "../../engine/sink/streams-sink.js"
import type { FreshDatabase } from "./fresh-database.js"
import { openPool, type OwnedPool } from "./open-pool.js"
import { PgCheckpoints } from "./pg-checkpoints.js"
import type { PgQuery, PgQueryable } from "./pg.js"
import { MessageDbReader } from "./reader.js"
import { freshMessageDb, needsMessageDb } from "./real-database.js"
import { MessageDbSource, type MessageDbSourceOptions } from "./source.js"
import { MessageDbWriter } from "./writer.js"

describe("MessageDbSource", needsMessageDb, () => {
  let database: FreshDatabase
  let pool: OwnedPool
  let checkpoints: PgCheckpoints
  let writer: MessageDbWriter
  let reader: MessageDbReader
  const running = new Set<{ stop(): Promise<void> }>()
  let names = 0
  /** A category or a group that no other test uses. */
  const fresh = (name: string) => `${name}${++names}`

  beforeAll(async () => {
    database = await freshMessageDb()
    pool = await openPool(database.connectionString, { max: 20 })
    checkpoints = new PgCheckpoints(pool)
    await checkpoints.ensureTable()
    writer = MessageDbWriter.create({ pool })
    reader = new MessageDbReader({ pool })
  })
  afterEach(async () => {
    await Promise.all([...running].map((run) => run.stop()))
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  const append = (stream: string, count = 1) =>
    writer.append(
      stream,
      Array.from({ length: count }, () => ({ type: "Happened" })),
    )

  /** Streams of which each of two members has `each`. */
  const streamsOfBoth = async (category: string, each: number) => {
    const shares: [string[], string[]] = [[], []]
    for (let i = 0; shares.some((share) => share.length < each); i++) {
      const stream = `${category}-${i}`
      const { rows } = await pool.query("select (@hash_64(cardinal_id($1)) % 2)::int as member", [stream])
      const share = shares[(rows[0] as { member: 0 | 1 }).member]
      if (share.length < each) share.push(stream)
    }
    return shares
  }

  interface Given extends Partial<MessageDbSourceOptions> {
    categories: string[]
    handler?: EventHandler
  }

  /** A consumer with short pauses, and what it handled. It is stopped when the test ends. */
  const consume = ({ handler = async () => {}, ...given }: Given) => {
    const handled: string[] = []
    const sink = StreamsSink.create({
      handler: async (stream, events) => {
        const result = await handler(stream, events)
        handled.push(...events.map((event) => `${stream}#${event.index}`))
        return result
      },
      maxConcurrentStreams: 10,
      maxReadAhead: 3,
      drainTimeoutMs: 200,
    })
    const source = MessageDbSource.create({
      pool,
      groupName: fresh("group"),
      checkpoints,
      tailSleepIntervalMs: 10,
      checkpointIntervalMs: 20,
      drainTimeoutMs: 200,
      sink,
      ...given,
    })
    const controller = new AbortController()
    const ended = source.start(controller.signal)
    ended.catch(() => {})
    const run = {
      handled,
      source,
      ended,
      stop: async () => {
        running.delete(run)
        controller.abort()
        await ended.catch(() => {})
      },
    }
    running.add(run)
    return run
  }

  it("delivers several categories through one sink, and goes on after a restart with what is new", async () => {
    const categories = [fresh("account"), fresh("order")]
    for (const category of categories) for (const id of [1, 2, 3]) await append(`${category}-${id}`, 2)
    const groupName = fresh("group")
    const first = consume({ categories, groupName, batchSize: 2 })
    await first.source.stats.waitForTail()
    await first.stop()
    await first.ended
    expect(first.handled.toSorted()).toEqual(
      categories.flatMap((c) => [1, 2, 3].flatMap((id) => [`${c}-${id}#0`, `${c}-${id}#1`])).toSorted(),
    )
    await append(`${categories[0]!}-2`)
    const second = consume({ categories, groupName })
    await second.source.stats.waitForTail()
    expect(second.handled).toEqual([`${categories[0]!}-2#2`])
  })

  it("takes an empty page for the tail, and no other", async () => {
    const category = fresh("account")
    for (let id = 0; id < 13; id++) await append(`${category}-${id}`)
    const pages: [number, boolean][] = []
    const { source } = consume({ categories: [category], batchSize: 10 })
    source.stats.on("ingested", ({ events, isTail }) => pages.push([events, isTail]))
    await source.stats.waitForTail()
    expect(pages).toEqual([
      [10, false],
      [3, false],
    ])
  })

  it("ends with what the handler threw, and leaves the checkpoint before it", async () => {
    const category = fresh("account")
    const groupName = fresh("group")
    await append(`${category}-1`)
    const { ended } = consume({ categories: [category], groupName, handler: () => Promise.reject(new Error("no")) })
    await expect(ended).rejects.toThrow("no")
    expect(await checkpoints.load(groupName, category)).toBe(0n)
  })

  it("reads again when connections were lost, and goes on where it was", async () => {
    const category = fresh("account")
    await append(`${category}-1`, 3)
    let failures = 3
    const shaky: PgQueryable = {
      query: async (...args: [never]) => {
        if (failures-- > 0) await pool.query("select pg_terminate_backend(pg_backend_pid())")
        return pool.query(...args)
      },
    }
    const run = consume({ categories: [category], pool: shaky, batchSize: 1, readBackOffMs: 1, warn: () => {} })
    let failed = 0
    run.source.stats.on("readFailed", () => failed++)
    await run.source.stats.waitForTail()
    expect(run.handled).toEqual([`${category}-1#0`, `${category}-1#1`, `${category}-1#2`])
    expect(failed).toBe(3)
  })

  it("ends with the store's error when a read fails that no repetition would mend", async () => {
    const elsewhere: PgQueryable = {
      query: ({ values, ...query }: PgQuery) =>
        pool.query({ ...query, text: "select * from get_category_messages_of_old($1)", values: values!.slice(0, 1) }),
    } as PgQueryable
    const { ended } = consume({ categories: ["account"], pool: elsewhere, checkpoints: new MemoryCheckpoints() })
    await expect(ended).rejects.toThrow("is Message DB installed in this database")
  })

  it("M-02, E-27d, H-02: a member that is stuck loses nothing to one that is not", async () => {
    const category = fresh("account")
    const groupName = fresh("group")
    const shares = await streamsOfBoth(category, 5)
    for (const stream of shares.flat()) await append(stream)
    const member = (consumerGroupMember: number, handler?: EventHandler) =>
      consume({
        ...{ categories: [category], groupName, consumerGroupMember, consumerGroupSize: 2 },
        ...(handler && { handler }),
      })
    const fast = member(1)
    const stuck = member(0, () => new Promise(() => {}))
    await fast.source.stats.waitForTail()
    await Promise.all([fast.stop(), stuck.stop()])
    const restarted = member(0)
    await restarted.source.stats.waitForTail()
    expect(fast.handled.toSorted()).toEqual(shares[1].map((stream) => `${stream}#0`).toSorted())
    expect(restarted.handled.toSorted()).toEqual(shares[0].map((stream) => `${stream}#0`).toSorted())
    await restarted.stop()
    const { rows } = await pool.query(
      "select group_name, position::bigint > 0 as moved from public.eqx_checkpoint where category = $1 order by 1",
      [category],
    )
    expect(rows).toEqual([0, 1].map((m) => ({ group_name: `${groupName}-${m}`, moved: true })))
  })

  /** A consumer of a category of one event, in which one more arrives after some polls. */
  const searchesOnce = async (given: Partial<MessageDbSourceOptions>) => {
    const category = fresh("account")
    await append(`${category}-1`)
    const asked: string[] = []
    const counted: PgQueryable = {
      query: (query: string | PgQuery, values?: unknown[]) => {
        asked.push((query as PgQuery).text.includes("get_category_messages") ? "page" : "end")
        return pool.query(query as string, values)
      },
    }
    const { handled } = consume({ ...given, categories: [category], pool: counted, tailSleepIntervalMs: 1 })
    await expect.poll(() => asked.filter((what) => what === "end").length).toBeGreaterThan(5)
    expect(asked.filter((what) => what === "page")).toHaveLength(1)
    await append(`${category}-1`)
    await expect.poll(() => handled).toEqual([`${category}-1#0`, `${category}-1#1`])
    expect(asked.filter((what) => what === "page")).toHaveLength(2)
  }

  it("asked to, polls for the end of the category, and for a page only when something has come", () =>
    searchesOnce({ idlePoll: "end" }))

  describe("M-22: a member near the end of the category", () => {
    it("moves on behind the messages of the others, though it has none", async () => {
      const category = fresh("account")
      const groupName = fresh("group")
      const [, others] = await streamsOfBoth(category, 3)
      for (const stream of others) await append(stream, 5)
      const group = { categories: [category], groupName, consumerGroupMember: 0, consumerGroupSize: 2 }
      const idle = consume(group)
      const next = (await reader.highestPosition(category))! + 1n
      await expect.poll(() => checkpoints.load(`${groupName}-0`, category)).toBe(next)
      expect(idle.handled).toEqual([])
    })

    it("misses nothing that arrives between the question for the end and the page", async () => {
      const category = fresh("account")
      const [mine, others] = await streamsOfBoth(category, 30)
      // After each answer about the end, one message for the member and one behind it for the others.
      let arrived = 0
      const busy: PgQueryable = {
        query: async (query: string | PgQuery, values?: unknown[]) => {
          const answer = await pool.query(query as string, values)
          if ((query as PgQuery).text.includes("max(") && arrived < 30) {
            await append(mine[arrived]!)
            await append(others[arrived++]!)
          }
          return answer
        },
      }
      await append(others[0]!)
      const group = { categories: [category], consumerGroupMember: 0, consumerGroupSize: 2 }
      const { handled } = consume({ ...group, pool: busy, batchSize: 2, tailSleepIntervalMs: 0 })
      await expect.poll(() => handled, { timeout: 20_000 }).toEqual(mine.map((stream) => `${stream}#0`))
    })

    it("does not search the category again while nothing arrives", () =>
      searchesOnce({ consumerGroupMember: 0, consumerGroupSize: 1 }))
  })

  it("M-10: warns of a checkpoint that lies beyond the end of the store, and of no other", async () => {
    const category = fresh("account")
    await append(`${category}-1`)
    const end = (await reader.highestPosition())!
    const warnings: string[] = []
    const start = async (position: bigint) => {
      const groupName = `reactor ${position}`
      await checkpoints.commit(groupName, category, position)
      const run = consume({ categories: [category], groupName, warn: (message) => warnings.push(message) })
      await run.source.stats.waitForTail()
      await run.stop()
    }
    await start(end + 1n)
    expect(warnings).toEqual([])
    await start(end + 2n)
    expect(warnings).toEqual([
      `the checkpoint of group "reactor ${end + 2n}", category "${category}" is ${end + 2n}, but the store's next ` +
        `position is ${end + 1n}: nothing is read before it gets there. Was the store restored or ` +
        `replaced? A standby that lags gets there by itself.`,
    ])
  })

  it("says in its spans what it is", () => {
    const attributes = {}
    const sink = {
      start: async () => {},
      pump: () => {},
      addTracingAttrs: (attrs: object) => void Object.assign(attributes, attrs),
    }
    MessageDbSource.create({
      ...{ pool, checkpoints, sink, categories: ["account"], groupName: "reactor", tailSleepIntervalMs: 100 },
      ...{ consumerGroupMember: 1, consumerGroupSize: 2 },
    })
    expect(attributes).toEqual({
      "eqx.source": "MessageDb",
      "eqx.consumer_group": "reactor",
      "eqx.load.batch_size": 500,
      "eqx.tail_sleep_interval_ms": 100,
    })
  })

  it("says which option cannot be worked with", () => {
    const good = {
      pool,
      checkpoints,
      categories: ["account"],
      groupName: "reactor",
      tailSleepIntervalMs: 100,
      sink: StreamsSink.create({ handler: async () => {}, maxConcurrentStreams: 1, maxReadAhead: 1 }),
    }
    const refusal = (wrong: object) => {
      try {
        MessageDbSource.create({ ...good, ...wrong })
        return `accepted ${JSON.stringify(wrong)}`
      } catch (error) {
        return String(error).replace("InvalidOptionError: MessageDbSource.create: option ", "")
      }
    }
    expect(
      [
        { pool: "postgres://me:secret@host/db" },
        { pool: "host=localhost password=secret" },
        { categories: "account" },
        { categories: [] },
        { categories: ["account-1"] },
        { categories: ["account", ""] },
        { categories: ["account", "order", "account"] },
        { batchSize: 0 },
        { batchSize: -1 },
        { batchSize: 1.5 },
        { groupName: "" },
        { checkpoints: {} },
        { sink: undefined },
        { tailSleepIntervalMs: -1 },
        { tailSleepIntervalMs: undefined },
        { checkpointIntervalMs: Number.NaN },
        { statsIntervalMs: Infinity },
        { maxCheckpointFailures: 0 },
        { drainTimeoutMs: "5s" },
        { clock: {} },
        { warn: "yes" },
        { consumerGroupMember: 0 },
        { consumerGroupSize: 2 },
        { consumerGroupMember: 2, consumerGroupSize: 2 },
        { consumerGroupMember: -1, consumerGroupSize: 2 },
        { consumerGroupMember: 0.5, consumerGroupSize: 2 },
        { consumerGroupMember: 0, consumerGroupSize: 0 },
        { consumerGroupMember: 0, consumerGroupSize: 32_768 },
      ].map(refusal),
    ).toMatchInlineSnapshot(`
      [
        ""pool" must be an object with query(), received a text that may hold a password",
        ""pool" must be an object with query(), received a text that may hold a password",
        ""categories" must be an array of at least one category, received "account"",
        ""categories" must be an array of at least one category, received []",
        ""categories.0" must be a non-empty string without "-", received "account-1"",
        ""categories.1" must be a non-empty string without "-", received """,
        ""categories.2" must be a category that is not listed before, received "account"",
        ""batchSize" must be an integer of at least 1, received 0",
        ""batchSize" must be an integer of at least 1, received -1",
        ""batchSize" must be an integer of at least 1, received 1.5",
        ""groupName" must be a non-empty string, received """,
        ""checkpoints" must be an object with load() and commit(), received an object",
        ""sink" must be an object with start() and pump() and addTracingAttrs(), received undefined",
        ""tailSleepIntervalMs" must be a number of milliseconds from 0 to 2147483647, received -1",
        ""tailSleepIntervalMs" must be a number of milliseconds from 0 to 2147483647, received undefined",
        ""checkpointIntervalMs" must be a number of milliseconds from 0 to 2147483647, received NaN",
        ""statsIntervalMs" must be a number of milliseconds from 0 to 2147483647, received Infinity",
        ""maxCheckpointFailures" must be an integer of at least 1, received 0",
        ""drainTimeoutMs" must be a number of milliseconds from 0 to 2147483647, received "5s"",
        ""clock" must be an object with now() and sleep() and turn(), received an object",
        ""warn" must be a function, received "yes"",
        ""consumerGroupSize" must be an integer from 1 to 32767 when a member is given, received undefined",
        ""consumerGroupMember" must be an integer from 0 to 1, below consumerGroupSize, received undefined",
        ""consumerGroupMember" must be an integer from 0 to 1, below consumerGroupSize, received 2",
        ""consumerGroupMember" must be an integer from 0 to 1, below consumerGroupSize, received -1",
        ""consumerGroupMember" must be an integer from 0 to 1, below consumerGroupSize, received 0.5",
        ""consumerGroupSize" must be an integer from 1 to 32767 when a member is given, received 0",
        ""consumerGroupSize" must be an integer from 1 to 32767 when a member is given, received 32768",
      ]
    `)
  })
})
