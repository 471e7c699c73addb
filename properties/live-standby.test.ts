import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { systemClock as clock } from "../engine/clock.js"
import { StreamName } from "../engine/stream-name.js"
import { StreamsSink } from "../engine/sink/streams-sink.js"
import { type MessageDbContainer, startMessageDbContainer } from "../stores/message-db/container-server.js"
import { messageDbFailureClass } from "../stores/message-db/failure-class.js"
import { createFreshDatabase } from "../stores/message-db/fresh-database.js"
import { openPool, type OwnedPool } from "../stores/message-db/open-pool.js"
import { PgCheckpoints } from "../stores/message-db/pg-checkpoints.js"
import { MessageDbReader } from "../stores/message-db/reader.js"
import { MessageDbSource } from "../stores/message-db/source.js"
import { startStandbyContainer } from "../stores/message-db/standby-container.js"
import { MessageDbWriter } from "../stores/message-db/writer.js"
import { check } from "./check.js"
import { host } from "./deployment/host.js"
import { rest } from "./deployment/rest.js"
import type { Scenario } from "./scenario.js"

describe("a standby that streams from a real Message DB", { ...inject("needs").containers, timeout: 120_000 }, () => {
  let primary: MessageDbContainer
  let standby: MessageDbContainer
  let onPrimary: OwnedPool
  let onStandby: OwnedPool
  /** What has been opened, and is to be closed however far that came. */
  const closing: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    primary = await startMessageDbContainer()
    closing.unshift(primary.stop)
    standby = await startStandbyContainer(primary)
    closing.unshift(standby.stop)
    onPrimary = await opened(primary.superuserConnectionString)
    onStandby = await opened(standby.superuserConnectionString)
  }, 120_000)
  afterAll(async () => {
    for (const close of closing) await close()
  })

  const opened = async (connectionString: string) => {
    const pool = await openPool(connectionString, { max: 2 })
    closing.unshift(() => pool.end())
    return pool
  }

  /** Asks the standby, as often as it takes while it restarts. */
  const ask = async <Row>(sql: string, values: unknown[] = []): Promise<Row> => {
    for (;;)
      try {
        return (await onStandby.query(sql, values)).rows[0] as Row
      } catch (error) {
        if (messageDbFailureClass(error) !== "transient") throw error
        await clock.sleep(20)
      }
  }
  const holdBack = () => ask("select pg_wal_replay_pause()")
  const letGo = () => ask("select pg_wal_replay_resume()")
  const lagBy = async (delay: string) => {
    await ask(`alter system set recovery_min_apply_delay = '${delay}'`)
    await ask("select pg_reload_conf()")
  }
  const caughtUp = async () => {
    const { rows } = await onPrimary.query("select pg_current_wal_lsn()::text as lsn")
    const { lsn } = rows[0] as { lsn: string }
    const isThere = () => ask<{ there: boolean }>("select pg_last_wal_replay_lsn() >= $1::pg_lsn as there", [lsn])
    while (!(await isThere()).there) await clock.sleep(20)
  }

  /** An empty Message DB on both. The standby has it for good: it would not go back behind it if it was killed. */
  const fresh = async () => {
    const database = await createFreshDatabase(primary)
    await onPrimary.query("checkpoint")
    await caughtUp()
    await ask("checkpoint")
    const { pathname } = new URL(database.connectionString)
    return { ...database, standbyConnectionString: Object.assign(new URL(standby.connectionString), { pathname }).href }
  }

  /** A group of two and a consumer without one, while the standby is held back, killed, and loses its sessions. */
  const troubledStandby: Scenario = {
    name: "troubled-standby",
    title: "Consumers read from a standby that is held back and killed, and keep their checkpoints on the primary",
    store: "message-db",
    async run(stage) {
      const { world } = stage
      const seen = { appended: 0, read: 0, failed: 0 }
      world.trace.subscribe((event) => {
        if (event.kind === "PageRead") seen.read += event.items.length
        else if (event.kind === "ReadFailed") seen.failed++
      })
      const more = async (what: keyof typeof seen, count: number) => {
        const until = seen[what] + count
        while (seen[what] < until) await world.clock.sleep(10)
      }
      const categories = ["stock", "price"]
      const limits = { batchSize: 20, maxConcurrentStreams: 4, maxReadAhead: 3 }
      const intervals = { tailSleepIntervalMs: 10, checkpointIntervalMs: 20 }
      const consumer = (name: string, group: string, place = {}) =>
        world.process(name, (self) => {
          let calls = 0
          const handler = async () => {
            await self.clock.sleep(self.random.integer(0, 3))
            if (++calls === 5) throw new Error("the handler fails once")
          }
          const reading = { group, categories, ...place, readsFrom: "standby", handler } as const
          return host(stage, self, { ...reading, ...limits, ...intervals })
        })
      const members = [0, 1].map((member) => consumer(`member-${member}`, "shared", { member, size: 2 }))
      const consumers = [...members, consumer("alone", "alone")]
      const writers = categories.map((category, n) =>
        world.process(`writer-${n}`, async (self) => {
          while (!self.signal.aborted) {
            const count = self.random.integer(1, 3)
            await stage.append(self, StreamName.create(category, String(self.random.integer(0, 9))), count)
            seen.appended += count
            await self.clock.sleep(self.random.integer(0, 10), self.signal)
          }
        }),
      )
      await more("read", 50)

      await holdBack()
      await more("appended", 50)
      members[0]!.crash()
      members[0]!.restart()
      await more("appended", 50)
      await letGo()
      await more("read", 100)

      // What it had applied and not yet on disk it applies again, and that late: it may go back.
      await lagBy("1h")
      await Promise.all([more("failed", 1), standby.control.restart()])
      await more("appended", 50)
      await lagBy("0")
      await more("read", 100)

      await ask("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'message_store'")
      await more("read", 50)

      for (const writer of writers) writer.stop()
      await Promise.all(writers.map((writer) => writer.ended))
      await rest(stage, consumers)
    },
  }

  test("whoever reads from it loses nothing and keeps the order, whatever becomes of it meanwhile", async () => {
    const failures = new Set<string | undefined>()
    const result = await check(troubledStandby, {
      ...{ seed: 1, store: { name: "containers", fresh } },
      onEvent: (event) => {
        if (event.kind === "ReadFailed") failures.add(event.class)
      },
    })
    expect(result.violations).toEqual([])
    expect(result).toMatchObject({ runs: 1, faults: { crash: 1 } })
    expect([...failures]).toEqual(["transient"])
    const untested = Object.keys(result.properties).filter((id) => result.properties[id]!.checked === 0)
    expect(untested.filter((id) => !["I-06", "I-16", "I-17"].includes(id))).toEqual([])
  })

  describe("that is asked directly", () => {
    let database: Awaited<ReturnType<typeof fresh>>
    let writing: OwnedPool
    let reading: OwnedPool
    beforeAll(async () => {
      database = await fresh()
      writing = await opened(database.connectionString)
      reading = await opened(database.standbyConnectionString)
    })

    test("M-10: of a checkpoint that it is behind the source warns, and goes on when it has come there", async () => {
      const writer = MessageDbWriter.create({ pool: writing })
      const append = (count: number) =>
        writer.append(
          "stock-1",
          Array.from({ length: count }, () => ({ type: "T" })),
        )
      const checkpoints = new PgCheckpoints(writing)
      await checkpoints.ensureTable()
      await append(2)
      await caughtUp()
      await holdBack()
      await append(3)
      const next = (await new MessageDbReader({ pool: writing }).highestPosition())! + 1n
      await checkpoints.commit("g", "stock", next)
      const handled: bigint[] = []
      const warnings: string[] = []
      const stopping = new AbortController()
      const source = MessageDbSource.create({
        ...{ pool: reading, checkpoints, categories: ["stock"], groupName: "g", tailSleepIntervalMs: 10 },
        warn: (message) => warnings.push(message),
        sink: StreamsSink.create({
          ...{ maxConcurrentStreams: 1, maxReadAhead: 1 },
          handler: async (_, events) => void handled.push(...events.map(({ index }) => index)),
        }),
      })
      const running = source.start(stopping.signal)
      await source.stats.waitForTail()
      await append(1)
      await letGo()
      while (handled.length === 0) await clock.sleep(10)
      stopping.abort()
      await running
      expect(handled).toEqual([5n])
      expect(warnings).toEqual([
        `the checkpoint of group "g", category "stock" is ${next}, but the store's next position is ${next - 3n}: ` +
          `nothing is read before it gets there. Was the store restored or replaced? A standby that lags gets there by itself.`,
      ])
    })

    test("a query that is in the way of what it applies may succeed the next time", async () => {
      await caughtUp()
      const query = reading
        .query("select pg_sleep(60), (select count(*) from messages)")
        .catch((error: unknown) => error)
      const isRunning = "select 1 as one from pg_stat_activity where wait_event = 'PgSleep'"
      while ((await ask(isRunning)) === undefined) await clock.sleep(10)
      const superuser = await opened(database.superuserConnectionString)
      await superuser.query("begin; lock table messages in access exclusive mode; commit")
      const error = await query
      expect(error).toMatchObject({ code: "40001" })
      expect(messageDbFailureClass(error)).toBe("transient")
    })

    test("checkpoints that are to be kept on it are a matter of configuration", async () => {
      const checkpoints = new PgCheckpoints(writing)
      await checkpoints.ensureTable()
      await caughtUp()
      const error = await new PgCheckpoints(reading).load("none yet", "stock").catch((error: unknown) => error)
      expect(error).toMatchObject({ code: "25006" })
      expect(messageDbFailureClass(error)).toBe("configuration")
    })
  })
})
