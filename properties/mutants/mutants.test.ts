import { afterAll, describe, expect, test } from "vitest"
import { check } from "../check.js"
import { properties } from "../first-set.js"
import { seedOfRun } from "../seeds.js"
import { histories } from "./histories.js"
import { type StoreKind, storesOf } from "../scenario.js"
import { dynamoStoreMutants } from "./dynamo-store-mutants.js"
import type { Mutant } from "./mutant.js"
import { mutants } from "./mutants.js"
import { mutate, mutatedEngine } from "./mutated-engine.js"

const seed = 11
const mostRuns = 100
const soundRuns = 40

interface Catch {
  readonly runs: number
  readonly message: string
  /** Other properties that objected in the same run. */
  readonly others: readonly string[]
}

/** Runs a mutant's history until its property objects. */
async function hunt(mutant: Mutant, on: StoreKind): Promise<Catch | undefined> {
  const engine = await mutatedEngine(mutant)
  const history = histories[mutant.history]
  for (let n = 0; n < mostRuns; n++) {
    const { violations } = await check(history, { seed: seedOfRun(seed, n), store: "fake", on, engine })
    const violation = violations.find(({ property }) => property === mutant.property)
    if (violation === undefined) continue
    const others = violations.map(({ property }) => property).filter((id) => id !== mutant.property)
    return { runs: n + 1, message: violation.message, others }
  }
  return undefined
}

const rows: string[] = []

describe("a planted fault is caught by its property", () => {
  const planted = [
    ...mutants.map((mutant) => ["message-db", mutant.property, mutant.name, mutant] as const),
    ...dynamoStoreMutants.map((mutant) => ["dynamo-store", mutant.property, mutant.name, mutant] as const),
  ]

  test.each(planted)(
    "on %s, %s: %s",
    async (on, property, name, mutant) => {
      const found = await hunt(mutant, on)
      const [runs, message] = [found?.runs ?? "none", found?.message ?? `not caught within ${mostRuns} runs`]
      rows.push(`${property}  ${name}\n      run ${runs}: ${message}\n      also: ${found?.others.join(", ") ?? ""}`)
      expect(found, message).toBeDefined()
    },
    120_000,
  )

  test("each property catches at least one", () => {
    const without = properties.filter(({ id }) => !mutants.some(({ property }) => property === id))
    expect(without.map(({ id }) => id)).toEqual([])
  })

  test("no two have one name, which is that of their copy of the sources", () => {
    expect(new Set(planted.map(([, , name]) => name)).size).toBe(planted.length)
  })

  afterAll(() => {
    console.log(["Planted faults, and the first run that showed each:", ...rows].join("\n"))
  })
})

describe("the engine as it is comes through the same histories without a violation", () => {
  const played = Object.entries(histories).flatMap(([name, scenario]) =>
    storesOf(scenario).map((on) => [name, on, scenario] as const),
  )

  test.each(played)(
    "%s on %s",
    async (_name, on, scenario) => {
      const { violations, properties: held } = await check(scenario, { seed, runs: soundRuns, store: "fake", on })
      expect(violations).toEqual([])
      expect(held["I-15"]?.checked).toBeGreaterThan(0)
    },
    120_000,
  )
})

test("a mutant whose line is not there, or there twice, is an error", () => {
  const mutant = { ...mutants[0]!, find: "x", replace: "y" }
  expect(mutate("a x b", mutant)).toBe("a y b")
  expect(() => mutate("a b", mutant)).toThrow("has 0 times")
  expect(() => mutate("x x", mutant)).toThrow("has 2 times")
})
