import { expect, test } from "vitest"
import type { Scenario } from "../properties/scenario.js"
import { runOptions, type RawRunOptions } from "./run-options.js"

const scenario = (name: string): Scenario => ({ name, title: "", store: "message-db", run: async () => {} })
const known = [scenario("one-consumer"), scenario("hot-stream")]
const parse = (names: string[], raw: Partial<RawRunOptions> = {}) =>
  runOptions(names, { store: "fake", cases: "cases", ...raw }, known, () => 42)

test("without names all scenarios run, and a name given twice runs once", () => {
  expect(parse([]).plan.map(({ scenario }) => scenario)).toEqual(known)
  expect(parse(["hot-stream", "hot-stream"]).plan).toEqual([{ on: "message-db", scenario: known[1] }])
})

test("a scenario runs on each of its stores, or on the one that is asked for", () => {
  const anywhere: Scenario = { name: "anywhere", title: "", store: "any", run: async () => {} }
  const plan = (names: string[], raw: Partial<RawRunOptions> = {}) =>
    runOptions(names, { store: "fake", cases: "cases", ...raw }, [anywhere, ...known], () => 42).plan.map(
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
      "UsageError: --store must be "fake" or "embedded", received "oracle"",
      "UsageError: --runs and --time exclude each other: both say how long to go on",
    ]
  `)
})
