import { afterAll, describe, expect, test } from "vitest"
import { check } from "../../properties/check.js"
import { properties } from "../../properties/invariants.js"
import { storesOf } from "../../properties/scenario.js"
import { portfolio } from "../../sim/strategies/portfolio.js"
import { handlerBugs } from "./handler-bugs.js"
import { histories } from "./histories.js"
import { hunt } from "./hunt.js"
import { mutate } from "./mutated-engine.js"
import { plantedBugs } from "./planted-bugs.js"
import { reacting } from "./reaction.js"

const seed = 11
const mostRuns = 1_000

const rows: string[] = []

describe("a planted bug is caught by its property", () => {
  test.each(plantedBugs.map((bug) => [bug.where, bug.property, bug.name, bug] as const))(
    "in the %s, %s: %s",
    async (_, property, name, bug) => {
      const found = await hunt(await bug.prey(), { seed, strategy: portfolio, mostRuns })
      const message = found?.violation.message ?? `not caught within ${mostRuns} runs`
      rows.push(`${property}  ${name}\n      run ${found?.runs ?? "none"}: ${message}`)
      expect(found, message).toBeDefined()
    },
    240_000,
  )

  test("each property catches at least one", () => {
    const without = properties.filter(({ id }) => !plantedBugs.some(({ property }) => property === id))
    expect(without.map(({ id }) => id)).toEqual([])
  })

  afterAll(() => {
    console.log(["Planted bugs, and the first run that showed each:", ...rows].join("\n"))
  })
})

describe("the engine as it is comes through the same histories without a violation", () => {
  const played = Object.entries(histories).flatMap(([name, scenario]) =>
    storesOf(scenario).map((on) => [name, on, scenario] as const),
  )

  test.each(played)(
    "%s on %s",
    async (_name, on, scenario) => {
      const runs = on === "message-db" ? 30 : 15
      const { violations, properties: held } = await check(scenario, { seed, runs, store: "fake", on })
      expect(violations).toEqual([])
      expect(held["I-03"]?.checked).toBeGreaterThan(0)
    },
    120_000,
  )
})

describe("a reaction for the same purpose that is ready for what happens to it has the effects of each event once", () => {
  test.each(handlerBugs.map((bug) => [bug.name, bug] as const))(
    "instead of: %s",
    async (name, { instances = 1, sound }) => {
      const { violations } = await check(reacting(name, instances, sound), { seed, runs: 15, store: "fake" })
      expect(violations).toEqual([])
    },
    120_000,
  )
})

test("a mutant whose line is not there, or there twice, is an error", () => {
  const edit = { file: "a.ts", find: "x", replace: "y" }
  expect(mutate("a x b", edit, "m")).toBe("a y b")
  expect(() => mutate("a b", edit, "m")).toThrow("has 0 times")
  expect(() => mutate("x x", edit, "m")).toThrow("has 2 times")
})
