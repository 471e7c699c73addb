import { expect, test } from "vitest"
import type { Scenario } from "../properties/scenario.js"
import { strategyNamed } from "./strategy-option.js"
import { runOptions, type RawRunOptions } from "./run-options.js"

const scenario = (name: string): Scenario => ({ name, title: "", store: "message-db", run: async () => {} })
const known = [scenario("one-consumer"), scenario("hot-stream")]
const parse = (names: string[], raw: Partial<RawRunOptions> = {}) =>
  runOptions(names, { store: "fake", cases: "cases", ...raw }, known, () => 42, 2)

test("without names all scenarios run, and a name given twice runs once", () => {
  expect(parse([]).plan.map(({ scenario }) => scenario)).toEqual(known)
  expect(parse(["hot-stream", "hot-stream"]).plan).toEqual([{ on: "message-db", scenario: known[1] }])
})

test("a scenario runs on each of its stores, or on the one that is asked for", () => {
  const anywhere: Scenario = { name: "anywhere", title: "", store: "any", run: async () => {} }
  const plan = (names: string[], raw: Partial<RawRunOptions> = {}) =>
    runOptions(names, { store: "fake", cases: "cases", ...raw }, [anywhere, ...known], () => 42, 2).plan.map(
      ({ scenario, on }) => `${scenario.name} on ${on}`,
    )
  expect(plan(["anywhere"])).toEqual(["anywhere on message-db", "anywhere on dynamo-store"])
  expect(plan([], { on: "dynamo-store" })).toEqual(["anywhere on dynamo-store"])
  expect(plan(["hot-stream"], { on: "message-db" })).toEqual(["hot-stream on message-db"])
  expect(() => plan(["hot-stream"], { on: "dynamo-store" })).toThrow(
    "scenario hot-stream does not run on dynamo-store, only on message-db",
  )
})

test("the effort is what was asked for, or what suits the store", () => {
  expect(parse([], { runs: "50" }).effort).toEqual({ runs: 50 })
  expect(parse([], { time: "2m" }).effort).toEqual({ timeMs: 120_000 })
  expect(parse([]).effort).toEqual({ timeMs: 10_000 })
  expect(parse([], { store: "embedded" }).effort).toEqual({ runs: 1 })
})

test("a seed is taken as given, and drawn when there is none", () => {
  expect(parse([], { seed: "0" }).seed).toBe(0)
  expect(parse([], { seed: "9007199254740991" }).seed).toBe(Number.MAX_SAFE_INTEGER)
  expect(parse([]).seed).toBe(42)
})

test("threads, shards and strategies are taken as given, or are what most people want", () => {
  expect(parse([])).toMatchObject({ workers: 1, shard: { nth: 1, of: 1 }, strategy: "portfolio" })
  const given = { workers: "8", shard: "2/3", seed: "1", runs: "10" }
  expect(parse([], given)).toMatchObject({ workers: 8, shard: { nth: 2, of: 3 } })
  for (const strategy of ["portfolio", "random", "pct", "pct:5", "skewed", "delay-bounded:0", "fifo"])
    expect(parse([], { strategy })).toMatchObject({ strategy })
  expect(strategyNamed("pct:5").name).toBe("pct(5), no latency")
  expect(strategyNamed("delay-bounded").name).toBe("delayBounded(5), no latency")
})

test("what cannot be worked with is named, with what is accepted", () => {
  const messages = [
    () => parse(["one-consumr"]),
    () => parse(["kafka"]),
    () => parse([], { runs: "0" }),
    () => parse([], { runs: "many" }),
    () => parse([], { runs: "1.5" }),
    () => parse([], { time: "10" }),
    () => parse([], { seed: "-1" }),
    () => parse([], { seed: "9007199254740992" }),
    () => parse([], { store: "oracle" }),
    () => parse([], { runs: "1", time: "1s" }),
    () => parse([], { workers: "0" }),
    () => parse([], { workers: "9" }),
    () => parse([], { workers: "2", store: "embedded" }),
    () => parse([], { shard: "2" }),
    () => parse([], { shard: "0/2", seed: "1" }),
    () => parse([], { shard: "3/2", seed: "1" }),
    () => parse([], { shard: "1/2" }),
    () => parse([], { shard: "1/8", seed: "1", runs: "7" }),
    () => parse([], { strategy: "luck" }),
    () => parse([], { strategy: "pct:0" }),
    () => parse([], { strategy: "random:2" }),
    () => parse([], { strategy: "pct", store: "embedded" }),
  ].map((call) => {
    try {
      call()
      return "accepted"
    } catch (error) {
      return String(error)
    }
  })
  expect(messages).toMatchInlineSnapshot(`
    [
      "UsageError: there is no scenario "one-consumr". Did you mean one-consumer? "windtunnel list" shows all of them.",
      "UsageError: there is no scenario "kafka". "windtunnel list" shows all of them.",
      "UsageError: --runs must be an integer from 1 to 1000000000, received "0"",
      "UsageError: --runs must be an integer from 1 to 1000000000, received "many"",
      "UsageError: --runs must be an integer from 1 to 1000000000, received "1.5"",
      "UsageError: --time must be a duration from 1ms to 24h with its unit, such as 500ms, 10s or 2m, received "10"",
      "UsageError: --seed must be an integer from 0 to 9007199254740991, received "-1"",
      "UsageError: --seed must be an integer from 0 to 9007199254740991, received "9007199254740992"",
      "UsageError: --store must be "fake", "embedded" or "containers", received "oracle"",
      "UsageError: --runs and --time exclude each other: both say how long to go on",
      "UsageError: --workers must be an integer from 1 to 8, four times the cores here, received "0"",
      "UsageError: --workers must be an integer from 1 to 8, four times the cores here, received "9"",
      "UsageError: --workers is for --store fake: in real time the runs would get into each other's way",
      "UsageError: --shard must be i/n with i from 1 to n, such as 2/3, received "2"",
      "UsageError: --shard must be i/n with i from 1 to n, such as 2/3, received "0/2"",
      "UsageError: --shard must be i/n with i from 1 to n, such as 2/3, received "3/2"",
      "UsageError: --shard needs --seed, the same for all shards: they divide its runs",
      "UsageError: --shard 1/8 divides --runs 7 into more parts than there are runs",
      "UsageError: --strategy must be one of portfolio, random, pct[:depth], skewed, delay-bounded[:n], fifo, received "luck"",
      "UsageError: --strategy must be one of portfolio, random, pct[:depth], skewed, delay-bounded[:n], fifo, received "pct:0"",
      "UsageError: --strategy must be one of portfolio, random, pct[:depth], skewed, delay-bounded[:n], fifo, received "random:2"",
      "UsageError: --strategy is for --store fake: in real time the machine says who goes next",
    ]
  `)
})
