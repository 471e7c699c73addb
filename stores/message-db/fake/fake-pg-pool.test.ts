/** The surface of the `pg` driver: the same calls to a real `pg.Pool` and to the fake, and what comes of them. */
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { systemClock } from "../../../engine/clock.js"
import type { FreshDatabase } from "../fresh-database.js"
import { freshMessageDb, needsMessageDb } from "../real-database.js"
import { FakeMessageDb, type FakePgPool } from "./index.js"

type AnyPool = Pick<pg.Pool, "query" | "connect" | "end" | "on" | "totalCount" | "idleCount" | "waitingCount">
type Options = { max?: number; connectionTimeoutMillis?: number }

/** Makes calls on a pool and gives what it saw of them. */
type Probe = (pool: AnyPool) => Promise<unknown>

describe("the fake's pool and the driver's", needsMessageDb, () => {
  let database: FreshDatabase
  beforeAll(async () => {
    database = await freshMessageDb()
  })
  afterAll(async () => {
    await database.drop()
  })

  async function expectAlike(probe: Probe, options: Options = {}): Promise<unknown> {
    const real = new pg.Pool({ connectionString: database.connectionString, ...options })
    real.on("error", () => {})
    const fake = new FakeMessageDb({ clock: systemClock }).pool(options)
    const superuser = new pg.Client({ connectionString: database.superuserConnectionString })
    await superuser.connect()
    await superuser.query("truncate message_store.messages restart identity")
    await superuser.end()
    try {
      const seenOnReal = await probe(real)
      const seenOnFake = await probe(fake as unknown as AnyPool)
      expect(seenOnFake).toEqual(seenOnReal)
      return seenOnFake
    } finally {
      await real.end().catch(() => {})
    }
  }

  const shape = ({ command, rowCount, oid, fields, rows }: pg.QueryResult) => {
    const shown = fields.map(({ name, dataTypeID, dataTypeSize, dataTypeModifier, format }) => {
      return { name, dataTypeID, dataTypeSize, dataTypeModifier, format }
    })
    return { command, rowCount, oid, fields: shown, rows: rows as unknown }
  }
  const failure = (error: unknown) => {
    const { name, message, code, severity, detail, where } = error as pg.DatabaseError
    return { isError: error instanceof Error, name, message, code, severity, detail, where }
  }
  const outcome = (promise: Promise<pg.QueryResult>) => promise.then(shape, failure)
  const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`
  const write = "select write_message($1, $2, $3, $4)"

  it.each<[string, string, unknown[]?]>([
    ["a bigint is text, an integer a number", "select 5::bigint as big, 5 as small"],
    ["booleans, nulls and arrays", "select true as yes, null as nothing, array['a', null, 'b c'] as list"],
    ["jsonb is parsed", `select '{"a": [1, 2.50]}'::jsonb as json`],
    ["columns of one name", "select 1 as a, 2 as a"],
    ["no columns", "select"],
    ["an empty text", ""],
    ["a command without rows", "begin"],
    ["undefined is NULL", "select $1::text as a, $2::text as b", [undefined, null]],
    ["an array is an array literal", "select $1::text as a", [["x", 'y"\\', null, [1, 2]]]],
    ["an object is JSON", "select $1::jsonb as a", [{ b: [1, "x"] }]],
    ["numbers, booleans and bigints are text", "select $1::text as a, $2::text as b, $3::text as c", [1.5, true, 7n]],
    ["a Date is local time with its offset", "select $1::text as a", [new Date(1_700_000_000_123)]],
    ["bytes are text", "select $1::text as a", [Buffer.from("äb")]],
    ["toPostgres decides", "select $1::text as a", [{ toPostgres: () => "mine" }]],
    ["a wrong statement", "selec 1"],
    ["a failing function", "select * from get_category_messages('a-1')"],
  ])("answer alike: %s", async (_, text, values) => {
    await expectAlike((pool) => outcome(pool.query(text, values as unknown[])))
  })

  it("give a message's data as text from a function and parsed from the table, and its time as local time", async () => {
    await expectAlike(async (pool) => {
      await pool.query(write, [id(1), "a-1", "T", '{"b":1}'])
      const fromFunction = await pool.query("select * from get_stream_messages('a-1')")
      const fromTable = await pool.query("select * from messages")
      const seen = [...fromFunction.rows, ...fromTable.rows].map(({ time, ...row }: Record<string, unknown>) => {
        const local = time as Date
        const utc = new Date(local.getTime() - local.getTimezoneOffset() * 60_000)
        return { ...row, isNow: Math.abs(utc.getTime() - systemClock.now()) < 60_000 }
      })
      return [seen, shape(fromFunction).fields, shape(fromTable).fields]
    })
  })

  it("take query objects: row mode, type parsers, names", async () => {
    await expectAlike(async (pool) => {
      const types = { getTypeParser: (oid: number) => (text: string) => [oid, text] } as never
      const client = await pool.connect()
      const seen = [
        await outcome(client.query({ text: "select 1 as a, 2 as a", rowMode: "array" })),
        await outcome(client.query({ text: "select 1 as a, $1::bigint as b", values: [2], types })),
        await outcome(client.query({ name: "one", text: "select $1::text as a", values: ["x"] })),
        await outcome(client.query({ name: "one", text: "select $1::text as a", values: ["y"] })),
        await outcome(client.query({ name: "one", text: "select $1::text as b", values: ["z"] })),
        await outcome(client.query({ name: "one", text: "select $1::text as a" })),
        await outcome(client.query({} as never)),
        await outcome(client.query("select $1", "x" as never)),
      ]
      client.release()
      return seen
    })
  })

  it("answer several statements with several results", async () => {
    await expectAlike(async (pool) => {
      const results = (await pool.query("select 1 as a; begin; select 2 as b; rollback")) as unknown as pg.QueryResult[]
      return results.map(shape)
    })
  })

  it("take callbacks in every place where the driver does", async () => {
    await expectAlike(async (pool) => {
      const calls: unknown[] = []
      const seen = (error: unknown, result: pg.QueryResult) => calls.push(error ? failure(error) : shape(result))
      const wait = (start: (done: (error: Error, result: pg.QueryResult) => void) => unknown) =>
        new Promise<void>((resolve) => {
          const returned = start((error, result) => {
            seen(error, result)
            resolve()
          })
          calls.push(typeof returned)
        })
      await wait((done) => pool.query("select 1 as a", done))
      await wait((done) => pool.query("select $1::text as a", ["x"], done))
      await wait((done) => pool.query({ text: "select $1::text as a", values: ["x"] }, done))
      await wait((done) => pool.query("selec", done))
      await new Promise<void>((resolve) => {
        pool.connect((error, client, release) => {
          calls.push(error === undefined, typeof client, typeof release)
          client!.query("select 2 as b", (failed, result) => {
            seen(failed, result)
            release()
            resolve()
          })
        })
      })
      return calls
    })
  })

  it("close the connection of a query of the pool that failed, and keep that of a client", async () => {
    await expectAlike(async (pool) => {
      const removed: unknown[] = []
      pool.on("remove", () => removed.push("removed"))
      await pool.query("select 1")
      const counts = [[pool.totalCount, pool.idleCount, pool.waitingCount]]
      await pool.query("selec").catch(() => {})
      await systemClock.sleep(50)
      counts.push([pool.totalCount, pool.idleCount, pool.waitingCount])
      const client = await pool.connect()
      await client.query("selec").catch(() => {})
      const answer = await outcome(client.query("select 1 as a"))
      client.release()
      counts.push([pool.totalCount, pool.idleCount, pool.waitingCount])
      const destroyed = await pool.connect()
      destroyed.release(true)
      await systemClock.sleep(50)
      counts.push([pool.totalCount, pool.idleCount, pool.waitingCount])
      return { counts, removed, answer }
    })
  })

  it("let queries wait for a connection, in order, and hand it on", async () => {
    await expectAlike(
      async (pool) => {
        const order: string[] = []
        const [a, b] = [await pool.connect(), await pool.connect()]
        const waiting = ["one", "two", "three"].map((name) =>
          pool.query("select 1").then(() => {
            order.push(name)
          }),
        )
        const counts = [pool.totalCount, pool.idleCount, pool.waitingCount]
        a.release()
        await Promise.all(waiting)
        b.release()
        return { order, counts, end: [pool.totalCount, pool.idleCount, pool.waitingCount] }
      },
      { max: 2 },
    )
  })

  it("give up waiting for a connection after the time that is given", async () => {
    await expectAlike(
      async (pool) => {
        const client = await pool.connect()
        const seen = [await outcome(pool.query("select 1")), pool.waitingCount]
        client.release()
        return [...seen, await outcome(pool.query("select 1 as a"))]
      },
      { max: 1, connectionTimeoutMillis: 100 },
    )
  })

  it("queue the queries of one client", async () => {
    await expectAlike(async (pool) => {
      const client = await pool.connect()
      const answers = await Promise.all(
        ["select 1 as a", "selec", "select 2 as b"].map((text) => outcome(client.query(text))),
      )
      client.release()
      return answers
    })
  })

  it("refuse to release twice, to be used after the end, and to end twice", async () => {
    await expectAlike(async (pool) => {
      const client = await pool.connect()
      client.release()
      const twice = (() => {
        try {
          client.release()
          return "released twice"
        } catch (error) {
          return failure(error)
        }
      })()
      await pool.end()
      const { totalCount, idleCount } = pool
      return {
        twice,
        counts: [totalCount, idleCount],
        query: await outcome(pool.query("select 1")),
        connect: await pool.connect().then(() => "connected", failure),
        end: await pool.end().then(() => "ended", failure),
      }
    })
  })

  it("end when the last connection was released", async () => {
    await expectAlike(async (pool) => {
      const client = await pool.connect()
      const order: string[] = []
      const ended = pool.end().then(() => order.push("ended"))
      order.push(JSON.stringify(await outcome(client.query("select 1 as a"))))
      client.release()
      await ended
      return order
    })
  })

  it("say when a transaction failed, and answer its COMMIT with ROLLBACK", async () => {
    await expectAlike(async (pool) => {
      const client = await pool.connect()
      const texts = ["begin", "select nosuch_", "select 1", "commit", "select 1 as a"]
      const answers: unknown[] = []
      for (const text of texts) {
        const { hint: _, ...answer } = (await outcome(client.query(text))) as Record<string, unknown>
        answers.push(answer)
      }
      client.release()
      return answers
    })
  })

  it("refuse what is no query", async () => {
    await expectAlike(async (pool) => {
      const client = await pool.connect()
      const thrown = (call: () => unknown) => {
        try {
          call()
          return "nothing"
        } catch (error) {
          return failure(error)
        }
      }
      const seen = [thrown(() => client.query(null as never)), thrown(() => client.query("select 1", [], 5 as never))]
      client.release()
      return seen
    })
  })
})

describe("a fake pool whose process dies", () => {
  const open = () => {
    const store = new FakeMessageDb({ clock: systemClock })
    return { store, doomed: store.pool(), other: store.pool() }
  }
  const write = (pool: Pick<FakePgPool, "query">, stream: string) =>
    pool.query("select write_message(gen_random_uuid()::text, $1, 'T', '{}')", [stream])

  it("rolls back what it had not committed and gives its locks to who waits", async () => {
    const { store, doomed, other } = open()
    const client = await doomed.connect()
    await client.query("begin")
    await write(client, "a-1")
    const waiter = write(other, "a-2")
    doomed.terminate()
    await waiter
    expect(store.messages().map(({ streamName, globalPosition }) => [streamName, globalPosition])).toEqual([
      ["a-2", 2n],
    ])
  })

  it("fails the queries that wait, and leaves nothing of them behind", async () => {
    const { store, doomed, other } = open()
    const holder = await other.connect()
    await holder.query("begin")
    await write(holder, "a-1")
    const waiter = write(doomed, "a-2")
    await systemClock.turn()
    doomed.terminate()
    await expect(waiter).rejects.toThrow("Connection terminated unexpectedly")
    await holder.query("commit")
    await write(other, "a-3")
    expect(store.messages().map(({ streamName }) => streamName)).toEqual(["a-1", "a-3"])
  })

  it("gives its pool's later queries new connections, and a broken client none", async () => {
    const { doomed } = open()
    const client = await doomed.connect()
    doomed.terminate()
    await expect(client.query("select 1")).rejects.toThrow(
      "Client has encountered a connection error and is not queryable",
    )
    client.release()
    expect((await doomed.query("select 1 as a")).rows).toEqual([{ a: 1 }])
  })
})

describe("what the fake tells", () => {
  it("each commit's messages in the order of their global positions, and every stored checkpoint", async () => {
    const store = new FakeMessageDb({ clock: { ...systemClock, now: () => 1_700_000_000_123.456 } })
    const told: unknown[] = []
    store.onCommit((messages) =>
      told.push(messages.map(({ streamName, position, time }) => [streamName, position, time])),
    )
    const stop = store.onCheckpoint((checkpoint) => told.push(checkpoint))
    const client = await store.pool().connect()
    const write = (stream: string) =>
      client.query("select write_message(gen_random_uuid()::text, $1, 'T', '{}')", [stream])
    await client
      .query("create table eqx_checkpoint_ (x int)")
      .catch((error: unknown) => told.push((error as Error).message))
    await client.query(
      "create table public.eqx_checkpoint (group_name text, category text, position text, primary key (group_name, category))",
    )
    await client.query("begin")
    await write("a-1")
    await write("b-1")
    await client.query("insert into public.eqx_checkpoint values ('g', 'a', '3')")
    expect(told).toHaveLength(1)
    await client.query("commit")
    await client.query("begin; savepoint p")
    await write("a-2")
    await client.query("rollback to p; commit")
    await write("a-1")
    stop()
    await client.query("update public.eqx_checkpoint set position = '4'")
    expect(told).toEqual([
      "permission denied for schema message_store",
      [
        ["a-1", 0n, "2023-11-14 22:13:20.123456"],
        ["b-1", 0n, "2023-11-14 22:13:20.123456"],
      ],
      { group: "g", category: "a", position: "3" },
      [["a-1", 1n, "2023-11-14 22:13:20.123456"]],
    ])
  })

  it("that it does not understand a statement, naming it", async () => {
    const pool = new FakeMessageDb({ clock: systemClock }).pool()
    await expect(pool.query("select count(*) from messages group by type")).rejects.toMatchObject({
      code: "0A000",
      message: 'the Message DB fake does not understand "group" in: select count(*) from messages group by type',
    })
  })
})
