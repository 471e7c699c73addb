/**
 * Defects that reaction engines had, each as the smallest deployment that showed it. They run on the fake with many
 * schedules; besides the properties each test looks at the one thing that went wrong.
 */
import { describe, expect, test } from "vitest"
import { StreamName } from "../engine/stream-name.js"
import { StreamResult } from "../engine/stream-result.js"
import { check } from "../properties/check.js"
import type { Scenario } from "../properties/scenario.js"
import type { MessageDbConsumerOptions, MessageDbStage } from "../properties/message-db-stage.js"
import type { Handler, Stage } from "../properties/stage.js"
import type { Process, ProcessContext } from "../sim/world.js"
import { groupResize } from "./group-resize.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { rollingRestart } from "./rolling-restart.js"
import { thirtyCategories } from "./thirty-categories.js"

type Deployment = (stage: MessageDbStage) => Promise<void>

async function expectHeld(scenario: Scenario | Deployment, runs: number) {
  const named: Scenario =
    typeof scenario === "function" ? { name: "deployment", title: "", store: "message-db", run: scenario } : scenario
  const result = await check(named, { runs, seed: 1, store: "fake" })
  expect(result.violations).toEqual([])
  return result
}

const x = StreamName.create("thing", "x")
const y = StreamName.create("thing", "y")

const options = {
  group: "reactor",
  categories: ["thing"],
  batchSize: 1,
  maxConcurrentStreams: 2,
  maxReadAhead: 3,
  tailSleepIntervalMs: 10,
  checkpointIntervalMs: 5,
}

const write = (stage: Stage, name: string, appends: readonly (readonly [StreamName, number])[]) =>
  stage.world.process(name, async (self) => {
    for (const [stream, count] of appends) await stage.append(self, stream, count)
  }).ended

const consumer = (
  stage: MessageDbStage,
  name: string,
  changes: Partial<MessageDbConsumerOptions>,
  handler: (self: ProcessContext) => Handler,
): Process => stage.world.process(name, (self) => host(stage, self, { ...options, ...changes, handler: handler(self) }))

describe("checkpoints", () => {
  test("E-01, M-08: pages whose events are covered by an override wait for the older page that is not", async () => {
    const lost: number[] = []
    await expectHeld(async (stage) => {
      const { clock } = stage.world
      let finished = false
      await write(stage, "writer", [
        [x, 1],
        [y, 1],
        [x, 2],
      ])
      const process = consumer(stage, "consumer", {}, (self) => async (stream) => {
        if (stream === x) return StreamResult.OverrideNextIndex(3n)
        await self.clock.sleep(300)
        finished = true
        return StreamResult.AllProcessed
      })
      // Long enough for all three pages and many checkpoint intervals, and y is still being handled.
      await clock.sleep(200)
      process.crash()
      await process.ended
      process.restart()
      await rest(stage, [process])
      if (!finished) lost.push(stage.world.trace.length)
    }, 50)
    expect(lost).toEqual([])
  })

  test("E-12: a stale override does not bring back what was handled, and does not hold up what comes", async () => {
    const handled: bigint[][] = []
    await expectHeld(async (stage) => {
      const indexes: bigint[] = []
      let stale = 2
      await write(stage, "early-writer", [[x, 5]])
      const process = consumer(stage, "consumer", { batchSize: 10 }, () => async (_stream, events) => {
        if (events[0]!.index === 5n && stale-- > 0) return StreamResult.OverrideNextIndex(3n)
        indexes.push(...events.map(({ index }) => index))
        return StreamResult.AllProcessed
      })
      await stage.world.clock.sleep(100)
      await write(stage, "late-writer", [[x, 1]])
      await rest(stage, [process])
      handled.push(indexes)
    }, 20)
    // A sample of the runs is run twice.
    expect(handled.length).toBeGreaterThanOrEqual(20)
    for (const indexes of handled) expect(indexes).toEqual([0n, 1n, 2n, 3n, 4n, 5n])
  })

  test("M-04, E-27(a): a slow second instance does not wind back the checkpoint", async () => {
    const { properties } = await expectHeld(rollingRestart, 40)
    expect(properties["I-12"]?.checked).toBeGreaterThan(0)
  })
})

describe("several categories on one sink", () => {
  test("E-02, E-03, M-07: limits and order hold, however far apart the categories start", async () => {
    const { properties } = await expectHeld(thirtyCategories, 8)
    for (const id of ["I-01", "I-02", "I-10", "I-18", "I-19"]) expect(properties[id]?.checked).toBeGreaterThan(0)
  })

  test("E-18: when one category fails, its siblings stop before the consumer reports the failure", async () => {
    const after: string[] = []
    let failures = 0
    await expectHeld(async (stage) => {
      const { world } = stage
      const categories = ["thing", "other", "third"]
      const endLosses = world.fault({ process: "consumer", requestLost: 0.05 })
      let down = false
      world.trace.subscribe(({ kind }) => {
        if (down && ["PageRead", "CallStarted", "CommitStarted"].includes(kind)) after.push(kind)
      })
      const process = world.process("consumer", async (self) => {
        const handler: Handler = async () => self.clock.sleep(20)
        await stage.consume(self, { ...options, categories, handler }).catch(async () => {
          failures++
          down = true
          await self.clock.sleep(200)
          down = false
          endLosses()
        })
        await host(stage, self, { ...options, categories, handler })
      })
      await write(
        stage,
        "writer",
        categories.map((category) => [StreamName.create(category, "1"), 8] as const),
      )
      await world.clock.sleep(400)
      endLosses()
      await rest(stage, [process])
    }, 30)
    expect(failures).toBeGreaterThan(10)
    expect(after).toEqual([])
  })
})

describe("restarts", () => {
  test("E-17: a consumer that is started again right after a failure meets no call of the failed one", async () => {
    const overlaps: number[] = []
    let failures = 0
    await expectHeld(async (stage) => {
      let slowCalls = 0
      let failed = false
      const process = consumer(stage, "consumer", {}, (self) => async (stream) => {
        if (stream === y) {
          await self.clock.sleep(20)
          if (failed) return
          failed = true
          failures++
          throw new Error("the first call fails while the other one runs")
        }
        slowCalls++
        if (slowCalls > 1) overlaps.push(slowCalls)
        await self.clock.sleep(200)
        slowCalls--
      })
      await write(stage, "writer", [
        [x, 1],
        [y, 1],
      ])
      await rest(stage, [process])
    }, 20)
    expect(failures).toBeGreaterThanOrEqual(20)
    expect(overlaps).toEqual([])
  })
})

describe("consumer groups", () => {
  test("E-27(d), H-02, M-02: a member that lags and crashes has a checkpoint of its own", async () => {
    const unhandled: string[] = []
    await expectHeld(async (stage) => {
      const streams = Array.from({ length: 10 }, (_, n) => StreamName.create("thing", String(n)))
      const handled = new Set<string>()
      await write(
        stage,
        "writer",
        streams.map((stream) => [stream, 2] as const),
      )
      const member = (n: number, ms: number) =>
        consumer(stage, `member-${n}`, { member: n, size: 2 }, (self) => async (stream) => {
          await self.clock.sleep(ms)
          handled.add(stream)
        })
      const fast = member(0, 0)
      const slow = member(1, 100)
      await stage.world.clock.sleep(250)
      slow.crash()
      await slow.ended
      slow.restart()
      await rest(stage, [fast, slow])
      unhandled.push(...streams.filter((stream) => !handled.has(stream)))
    }, 20)
    expect(unhandled).toEqual([])
  })

  test("M-03: a group of another size goes on from where its slowest member was", async () => {
    const { properties } = await expectHeld(groupResize, 30)
    for (const id of ["I-15", "I-28", "I-29"]) expect(properties[id]?.checked).toBeGreaterThan(0)
  })
})
