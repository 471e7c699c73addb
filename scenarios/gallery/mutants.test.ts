import { afterAll, describe, expect, test } from "vitest"
import { check } from "../../properties/check.js"
import { properties } from "../../properties/first-set.js"
import { playOf } from "../../properties/play.js"
import { type StoreKind, storesOf } from "../../properties/scenario.js"
import { portfolio } from "../../sim/strategies/portfolio.js"
import { dynamoStoreMutants } from "./dynamo-store-mutants.js"
import { engineMutants } from "./engine-mutants.js"
import { histories } from "./histories.js"
import { type Catch, hunt } from "./hunt.js"
import type { Mutant } from "./mutant.js"
import { mutate, mutatedEngine } from "./mutated-engine.js"

const seed = 11
const mostRuns = 100
const soundRuns = 40

async function huntMutant(mutant: Mutant, on: StoreKind): Promise<Catch | undefined> {
  const engine = await mutatedEngine(mutant)
  const play = playOf("hunt", histories[mutant.history], on)
  return hunt({ play, engine, properties, property: mutant.property }, { seed, strategy: portfolio, mostRuns })
}

const rows: string[] = []

describe("a planted fault is caught by its property", () => {
  const planted = [
    ...engineMutants.map((mutant) => ["message-db", mutant.property, mutant.name, mutant] as const),
    ...dynamoStoreMutants.map((mutant) => ["dynamo-store", mutant.property, mutant.name, mutant] as const),
  ]

  test.each(planted)(
    "on %s, %s: %s",
    async (on, property, name, mutant) => {
      const found = await huntMutant(mutant, on)
      const message = found?.violation.message ?? `not caught within ${mostRuns} runs`
      rows.push(`${property}  ${name}\n      run ${found?.runs ?? "none"}: ${message}`)
      expect(found, message).toBeDefined()
    },
    120_000,
  )

  test("each property catches at least one", () => {
    const without = properties.filter(({ id }) => !engineMutants.some(({ property }) => property === id))
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
  const mutant = { ...engineMutants[0]!, find: "x", replace: "y" }
  expect(mutate("a x b", mutant)).toBe("a y b")
  expect(() => mutate("a b", mutant)).toThrow("has 0 times")
  expect(() => mutate("x x", mutant)).toThrow("has 2 times")
})
