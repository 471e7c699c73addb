import { check, type EngineUnderTest } from "equinox-windtunnel"
import { describe, expect, it } from "vitest"
import { oneConsumer } from "../../scenarios/one-consumer.js"
import indexing from "./indexing.js"
import reading from "./reading.js"
import writing from "./writing.js"

const modules: Readonly<Record<string, Partial<EngineUnderTest>>> = { reading, indexing, writing }

describe.each(Object.keys(modules))("the published %s", (name) => {
  const engine = modules[name]!

  it("has one history for one seed, though it reads the clock, sets timers and draws UUIDs", async () => {
    const historyOf = async (seed: number) => {
      const result = await check(oneConsumer, { engine, seed, store: "fake", on: "dynamo-store" })
      return result.traceHash
    }
    const first = await historyOf(1)
    expect(await historyOf(1)).toBe(first)
    expect(await historyOf(2)).not.toBe(first)
  })
})
