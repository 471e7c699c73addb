import { describe, expect, test } from "vitest"
import { StreamName } from "../engine/stream-name.js"
import { check } from "./check.js"
import { onAnyStore, type Scenario } from "./scenario.js"
import type { Sometimes } from "./vacuity.js"

/** One consumer that reads one event, and nothing ever goes wrong. */
const calm = (sometimes: Sometimes, events = 1): Scenario =>
  onAnyStore({
    name: "calm",
    title: "One consumer, one event, no trouble",
    sometimes,
    async run(stage) {
      const limits = { batchSize: 2, maxConcurrentStreams: 2, maxReadAhead: 2 }
      const options = { group: "g", categories: ["a"], ...limits, tailSleepIntervalMs: 10, checkpointIntervalMs: 10 }
      const consumer = stage.world.process("consumer", (self) =>
        stage.consume(self, { ...options, handler: async () => undefined }),
      )
      const writer = stage.world.process("writer", async (self) => {
        if (events > 0) await stage.append(self, StreamName.create("a", "1"), events)
      })
      await writer.ended
      await stage.settle(1_000, [consumer])
      consumer.stop()
      await consumer.ended
    },
  })

const messageOf = async (scenario: Scenario, runs: number): Promise<string | undefined> => {
  const { violations } = await check(scenario, { seed: 7, runs, store: "fake" })
  expect(violations.map(({ property }) => property)).toEqual(violations.length === 0 ? [] : ["vacuity"])
  return violations[0]?.message
}

describe("a scenario that holds because little happens in it", () => {
  test("fails, and says what it never came to", async () => {
    const scenario = calm({ handled: 1, redelivery: 4, "fault crash": 3, "several events": 5 })
    expect(await messageOf(scenario, 4)).toMatchInlineSnapshot(`
      "nothing was violated, but 4 runs never came to what the scenario demands
        redelivery, at least once in 4 runs: A call was given events again that an earlier, ended start of the consumer was given.
        fault crash, at least once in 3 runs: A fault of this kind struck."
    `)
  })

  test("fails without demands of its own when nothing is handled", async () => {
    expect(await messageOf(calm({}, 0), 1)).toMatchInlineSnapshot(`
      "nothing was violated, but the run never came to what the scenario demands
        handled, at least once: A call of a handler returned and made progress, or told an outside truth."
    `)
    expect(await messageOf(calm({}), 1)).toBeUndefined()
    expect(await messageOf(calm({ handled: Infinity }, 0), 1)).toBeUndefined()
  })

  test("is not judged by fewer runs than it demands", async () => {
    expect(await messageOf(calm({ redelivery: 4 }), 3)).toBeUndefined()
    expect(await messageOf(calm({ redelivery: 4 }), 4)).toBeDefined()
  })

  test("is not asked on a store for what there is only on another", async () => {
    expect(await messageOf(calm({ "epoch crossed": 1 }), 1)).toBeUndefined()
    const { violations } = await check(calm({ "epoch crossed": 1 }), { seed: 1, store: "fake", on: "dynamo-store" })
    expect(violations.map(({ property }) => property)).toEqual(["vacuity"])
  })

  test("has a violation that a check of as many runs shows again, and that no case is made of", async () => {
    const options = { seed: 7, runs: 4, store: "fake", shrink: { timeMs: 1_000, runs: 10 } } as const
    const { violations } = await check(calm({ zombie: 4 }), options)
    expect(violations).toEqual([{ property: "vacuity", run: 0, seed: 7, message: violations[0]!.message }])
    expect((await check(calm({ zombie: 4 }), options)).violations).toEqual(violations)
  })

  test("is violated rather than vacuous when something is violated", async () => {
    const failing: Scenario = { ...calm({ zombie: 1 }), run: () => Promise.reject(new Error("no stage manager")) }
    const { violations } = await check(failing, { seed: 7, store: "fake" })
    expect(violations.map(({ property }) => property)).toEqual(["run"])
  })
})

test("a result says what its runs exercised, in how many of them and how often, and what they never did", async () => {
  const { exercised, sometimes } = await check(calm({ zombie: 9 }, 2), { seed: 7, runs: 3, store: "fake" })
  expect(exercised).toMatchObject({
    handled: { runs: 3, times: 3 },
    "several events": { runs: 3, times: 3 },
    redelivery: { runs: 0, times: 0 },
  })
  expect(sometimes).toEqual({ handled: 1, zombie: 9 })
})

test.each([
  [{ zombies: 3 }, /scenario calm: option "sometimes" must be the name of something that runs exercise: .*"zombie"/],
  [{ zombie: 0.5 }, /option "sometimes\["zombie"\]" must be a whole number of runs of at least 1, or Infinity/],
])("a demand that nothing could meet is refused: %o", async (sometimes, message) => {
  await expect(check(calm(sometimes as Sometimes), { seed: 1, store: "fake" })).rejects.toThrow(message)
})
