import { describe, expect, test } from "vitest"
import type { Clock } from "../engine/clock.js"
import { InvalidOptionError } from "../engine/options.js"
import { check, type CheckProgress } from "./check.js"
import { histories } from "./mutants/histories.js"
import type { Property } from "./monitor.js"
import type { Scenario } from "./scenario.js"

const scenario = histories["one consumer"]
const idle: Scenario = { name: "idle", title: "Nothing happens", store: "any", run: async () => undefined }

/** Objects to the first event of every run in which a stream gets this far. */
const noLongStreams: Property = {
  id: "X-1",
  title: "No stream is long",
  statement: "No stream has more than 12 events.",
  monitor: () => ({
    checked: 1,
    observe: (event) => (event.kind === "Appended" && event.index === 12 ? `${event.stream} is long` : undefined),
  }),
}

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
      expect(again.violations).toEqual([{ property: "X-1", seed, message }])
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
      strategy: "random",
      seed: 7,
      runs: 2,
    })
    expect(result.properties["I-01"]).toEqual({ held: true, checked: expect.any(Number) as number })
    expect(Object.keys(result.properties)).toHaveLength(16)
    expect(result.wallMs % 1_000).toBe(0)
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  })

  test("a run that fails is a violation of its own kind, and others go on", async () => {
    let n = 0
    const failing: Scenario = {
      name: "failing",
      title: "It fails",
      store: "any",
      run: async ({ world }) => {
        if (++n === 1) throw new Error("no stage manager")
        if (n === 2) await new Promise(() => undefined)
        await world.clock.sleep(1)
      },
    }
    const { runs, violations } = await check(failing, { seed: 1, runs: 3, store: "fake" })
    expect(runs).toBe(3)
    expect(violations.map(({ property }) => property)).toEqual(["run", "run"])
    expect(violations[0]!.message).toBe("no stage manager")
    expect(violations[1]!.message).toMatch(/nothing|stuck|wait/i)
  })

  test("begins no run after its time, but one at least, and tells how much is left", async () => {
    const progress: CheckProgress[] = []
    const onProgress = (p: CheckProgress) => void progress.push(p)
    const timed = { seed: 1, store: "fake", clock: fidgetyClock(), onProgress } as const
    const { runs } = await check(idle, { ...timed, timeMs: 5_500 })
    expect(progress.map(({ runs }) => runs)).toEqual(Array.from({ length: runs }, (_, n) => n + 1))
    expect(progress.map(({ leftMs }) => leftMs)).toEqual([4_500, 2_500, 500])
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
  ])("refuses %o", async (options, option) => {
    const all = { seed: 1, store: "fake", ...options } as Parameters<typeof check>[1]
    await expect(check(idle, all)).rejects.toMatchObject({ name: InvalidOptionError.name, option })
  })
})
