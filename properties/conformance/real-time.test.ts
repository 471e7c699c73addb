import { expect, test } from "vitest"
import { StreamsSink } from "../../engine/sink/streams-sink.js"
import { openPool } from "../../stores/message-db/open-pool.js"
import { PgCheckpoints } from "../../stores/message-db/pg-checkpoints.js"
import { freshMessageDb, needsMessageDb } from "../../stores/message-db/real-database.js"
import { MessageDbSource } from "../../stores/message-db/source.js"
import type { Adapter, Source } from "./adapter.js"
import { conform } from "./conform.js"

const warn = () => undefined

/**
 * Our source as code that knows nothing of a kit: the machine's clock, a pool of its own, and reads that nobody sees.
 * @param started What its start comes to.
 * @param living Gets what is open, and loses it when it is closed or cut.
 */
const inRealTime = (living: Set<string>, started = (source: Source) => source): Adapter => ({
  name: "our source in real time",
  version: "1",
  store: "message-db",
  time: "real",
  profiles: ["source", "checkpoints"],
  capabilities: ["positions", "origin", "one call per stream", "concurrency", "drain", "compare positions"],
  async open({ process, connectionString, onCrash }) {
    const pool = await openPool(connectionString!, { max: 3 })
    living.add(process)
    const end = async () => {
      living.delete(process)
      await pool.end()
    }
    onCrash(() => void end())
    return {
      close: end,
      checkpoints: new PgCheckpoints(pool),
      source: ({ group, categories, checkpoints, handler, maxConcurrentStreams, maxReadAhead, ...reading }) =>
        started(
          MessageDbSource.create({
            pool,
            categories: [...categories],
            groupName: group,
            checkpoints,
            sink: StreamsSink.create({ handler, maxConcurrentStreams, maxReadAhead, warn }),
            batchSize: reading.batchSize,
            tailSleepIntervalMs: reading.tailSleepIntervalMs,
            checkpointIntervalMs: reading.checkpointIntervalMs,
            warn,
          }),
        ),
    }
  },
})

const store = { name: "real", fresh: freshMessageDb }
const real = { ...needsMessageDb, timeout: 60_000 }

test(
  "code in real time is driven on a real store; each process closes what it opened, or is cut off",
  real,
  async () => {
    const living = new Set<string>()
    const { rules } = await conform(inRealTime(living), { store, histories: 2, seed: 1 })
    expect(rules.filter(({ outcome }) => outcome.kind === "violated")).toEqual([])
    const held = rules.filter(({ outcome }) => outcome.kind === "held").map(({ id }) => id)
    expect(held).toEqual(expect.arrayContaining(["SRC-02", "SRC-03", "SRC-06", "SRC-07", "SRC-17", "CKP-02", "CKP-04"]))
    expect([...living]).toEqual([])
  },
)

test("code in real time that hides its failures is caught", real, async () => {
  const hides = (source: Source): Source => ({ start: (signal) => source.start(signal).catch(() => undefined) })
  const options = { store, histories: 4, seed: 2, profiles: ["source"] } as const
  const { rules } = await conform(inRealTime(new Set(), hides), options)
  expect(rules.find(({ id }) => id === "SRC-20")?.outcome.kind).toBe("violated")
})

test("code in real time is not driven on a fake", async () => {
  await expect(conform(inRealTime(new Set()))).rejects.toThrowErrorMatchingInlineSnapshot(
    `[InvalidOptionError: conform: option "store" must be a real one: the adapter lives in real time, received "fake"]`,
  )
})
