import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Clock } from "../engine/clock.js"
import { StreamName } from "../engine/stream-name.js"
import { InvalidOptionError } from "../engine/options.js"
import { check, type CheckProgress } from "./check.js"
import type { CheckResult } from "./check-result.js"
import { properties } from "./invariants.js"
import { mergeResults } from "./merge-results.js"
import type { Property } from "./monitor.js"
import { onAnyStore, type Scenario } from "./scenario.js"

const scenario = onAnyStore({
  name: "one-consumer",
  title: "One consumer that crashes now and then",
  async run(stage) {
    const { world } = stage
    const limits = { batchSize: 2, maxConcurrentStreams: 2, maxReadAhead: 2 }
    const options = { group: "g", categories: ["a"], ...limits, tailSleepIntervalMs: 10, checkpointIntervalMs: 10 }
    const crash = { rate: 0.01, restartAfterMs: [1, 40], most: 2 } as const
    const heal = world.fault({ process: "consumer", crash, replyLost: 0.01 })
    const consumer = world.process("consumer", async (self) => {
      const handler = () => self.clock.sleep(self.random.integer(0, 10))
      while (!self.signal.aborted)
        await stage.consume(self, { ...options, handler }).catch(() => self.clock.sleep(5, self.signal))
    })
    const writer = world.process("writer", async (self) => {
      for (let n = self.random.integer(5, 25); n > 0; n--)
        await stage.append(self, StreamName.create("a", String(self.random.integer(1, 3))), self.random.integer(1, 4))
    })
    await writer.ended
    heal()
    await stage.settle(20_000, [consumer])
    consumer.stop()
    await consumer.ended
  },
})
const idle: Scenario = { name: "idle", title: "Nothing happens", store: "any", run: async () => undefined }

/** Objects to the first event of every run in which a stream gets this far. */
const noLongStreams: Property = {
  id: "X-1",
  title: "No stream is long",
  statement: "No stream has more than 12 events.",
  weakened: "Never.",
  monitor: () => ({
    checked: 1,
    observe: (event) => (event.kind === "Appended" && event.index === 12 ? `${event.stream} is long` : undefined),
  }),
}

const oneStream = onAnyStore({
  name: "one-stream",
  title: "One stream, written in a few appends",
  setup: fc.record({ counts: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8, size: "max" }) }),
  async run(stage, { counts }) {
    const writer = stage.world.process("writer", async (self) => {
      for (const count of counts) await stage.append(self, StreamName.create("a", "1"), count)
    })
    await writer.ended
  },
})

/** Time that moves on by one second whenever somebody looks. */
function fidgetyClock(): Clock {
  let now = 0
  return { now: () => (now += 1_000), sleep: async () => undefined, turn: async () => undefined }
}

describe("check", () => {
  test("the same seed gives the same histories, another seed others", async () => {
    const hashes = await Promise.all(
      [7, 7, 8].map(async (seed) => (await check(scenario, { seed, runs: 3, store: "fake" })).traceHash),
    )
    expect(hashes[0]).toBe(hashes[1])
    expect(hashes[0]).not.toBe(hashes[2])
  })

  test("a violation is shown again by one run with the seed that it names", async () => {
    const properties = [noLongStreams]
    const { violations } = await check(scenario, { seed: 7, runs: 10, store: "fake", properties })
    expect(violations.length).toBeGreaterThan(1)
    for (const { seed, message } of violations.slice(0, 3)) {
      const again = await check(scenario, { seed, runs: 1, store: "fake", properties })
      expect(again.violations).toEqual([{ property: "X-1", run: 0, seed, message }])
    }
  })

  test("the first run has the seed that was given", async () => {
    const both = await check(scenario, { seed: "a word", runs: 1, store: "fake", properties: [noLongStreams] })
    expect(both.seed).toBe("a word")
    for (const { seed } of both.violations) expect(seed).toBe("a word")
  })

  test("answers what it did and what held", async () => {
    const result = await check(scenario, { seed: 7, runs: 2, store: "fake", clock: fidgetyClock() })
    expect(result).toMatchObject({
      scenario: "one-consumer",
      on: "message-db",
      store: "fake",
      strategy: "portfolio",
      seed: 7,
      runs: 2,
    })
    expect(result.properties["I-01"]).toEqual({ held: true, checked: expect.any(Number) as number })
    expect(Object.keys(result.properties)).toHaveLength(properties.length)
    expect(result.wallMs % 1_000).toBe(0)
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  })

  test("a run that fails is a violation of its own kind, and others go on", async () => {
    const seeds: string[] = []
    const failing: Scenario = {
      name: "failing",
      title: "It fails",
      store: "any",
      run: async ({ world }) => {
        const seed = world.random.uuid()
        if (!seeds.includes(seed)) seeds.push(seed)
        if (seed === seeds[0]) throw new Error("no stage manager")
        if (seed === seeds[1]) await new Promise(() => undefined)
        await world.clock.sleep(1)
      },
    }
    const { runs, violations } = await check(failing, { seed: 1, runs: 3, store: "fake" })
    expect(runs).toBe(3)
    expect(violations.map(({ property }) => property)).toEqual(["run", "run"])
    expect(violations[0]!.message).toBe("no stage manager")
    expect(violations[1]!.message).toMatch(/nothing|stuck|wait/i)
  })

  test("the first violation of a property is made smaller when that is asked for", async () => {
    const shrink = { timeMs: 60_000, runs: 500 }
    const options = { seed: 7, runs: 10, store: "fake", properties: [noLongStreams], shrink } as const
    const { violations } = await check(oneStream, options)
    const [first, ...others] = violations
    expect(first!.case).toMatchObject({ scenario: "one-stream", on: "message-db", seed: first!.seed, decisions: [] })
    expect(first!.case!.setup).toEqual({ scenario: { counts: [13] }, store: null })
    expect(others.filter((violation) => violation.case !== undefined)).toEqual([])
  })

  test("a run that is another one the next time is a violation, which names who is to blame", async () => {
    let times = 0
    const careless: Scenario = {
      name: "careless",
      title: "Reads the machine's clock, and waits for it",
      store: "any",
      run: async ({ world }) => {
        world.trace.emit({ kind: "Probe", of: "run", count: ++times })
        world.trace.emit({ kind: "Probe", of: "now", count: Date.now() % 2 })
        clearTimeout(setTimeout(() => undefined, 1))
      },
    }
    const { violations } = await check(careless, { seed: 1, runs: 1, store: "fake" })
    expect(violations.map(({ property }) => property)).toEqual(["run"])
    const lines = violations[0]!.message.split("\n")
    expect(lines.slice(0, 4)).toEqual([
      "two runs of one seed gave two histories",
      "they differ from the beginning:",
      `  once 0 0 Probe of="run" count=3`,
      `  then 0 0 Probe of="run" count=4`,
    ])
    const uses = lines.slice(4)
    expect(uses).toHaveLength(2)
    expect(uses[0]).toMatch(/^Date\.now is used by .*check\.test\.ts:\d+:\d+/)
    expect(uses[1]).toMatch(/^setTimeout is used by .*check\.test\.ts:\d+:\d+/)
  })

  test("shards make all runs between them, each run the same as without them", async () => {
    const options = { seed: 7, runs: 7, store: "fake", properties: [noLongStreams] } as const
    const all = await check(oneStream, options)
    expect(all.violations.length).toBeGreaterThan(1)
    const shards: CheckResult[] = []
    for (const nth of [1, 2, 3]) shards.push(await check(oneStream, { ...options, shard: { nth, of: 3 } }))
    expect(shards.map(({ runs }) => runs)).toEqual([3, 2, 2])
    const found = shards.flatMap(({ violations }) => violations).sort((a, b) => a.run - b.run)
    expect(found).toEqual(all.violations)
    expect(mergeResults(shards.toReversed())).toEqual({ ...all, wallMs: expect.any(Number) as number })
    expect(() => mergeResults([])).toThrow("at least one result")
    expect(() => mergeResults(shards.slice(1))).toThrow("shard 1/3 is missing")
    expect(() => mergeResults([...shards, { ...all, seed: 8 }])).toThrow('"seed" must be 7 in all results, received 8')
  })

  test("of shards, too, the first violation of each property alone has its smallest case", async () => {
    const shrink = { timeMs: 60_000, runs: 200 }
    const options = { seed: 7, runs: 8, store: "fake", properties: [noLongStreams], shrink } as const
    const shards: CheckResult[] = []
    for (const nth of [1, 2]) shards.push(await check(oneStream, { ...options, shard: { nth, of: 2 } }))
    expect(shards.map(({ violations }) => violations.filter((each) => each.case !== undefined).length)).toEqual([1, 1])
    expect(mergeResults(shards).violations).toEqual((await check(oneStream, options)).violations)
  })

  test("begins no run after its time, but one at least, and tells how much is left", async () => {
    const progress: CheckProgress[] = []
    const onProgress = (p: CheckProgress) => void progress.push(p)
    const timed = { seed: 1, store: "fake", clock: fidgetyClock(), onProgress } as const
    const { runs } = await check(idle, { ...timed, timeMs: 5_500 })
    expect(progress.map(({ runs }) => runs)).toEqual(Array.from({ length: runs }, (_, n) => n + 1))
    expect(progress.map(({ leftMs }) => leftMs)).toEqual([3_500, 1_500, 0])
    expect((await check(idle, { ...timed, timeMs: 0 })).runs).toBe(1)
  })

  test("begins no run after its signal", async () => {
    const controller = new AbortController()
    const onProgress = ({ runs }: CheckProgress) => (runs === 2 ? controller.abort() : undefined)
    const { runs } = await check(idle, { seed: 1, runs: 9, store: "fake", signal: controller.signal, onProgress })
    expect(runs).toBe(2)
  })

  test.each([
    [{ runs: 0 }, "runs"],
    [{ runs: 1.5 }, "runs"],
    [{ timeMs: -1 }, "timeMs"],
    [{ seed: Number.NaN }, "seed"],
    [{ store: "oracle" }, "store"],
    [{ on: "oracle" }, "on"],
    [{ shard: { nth: 0, of: 2 } }, "shard"],
    [{ shard: { nth: 3, of: 2 } }, "shard"],
  ])("refuses %o", async (options, option) => {
    const all = { seed: 1, store: "fake", ...options } as Parameters<typeof check>[1]
    await expect(check(idle, all)).rejects.toMatchObject({ name: InvalidOptionError.name, option })
  })
})
