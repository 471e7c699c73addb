import { expect, test } from "vitest"
import { check } from "../properties/check.js"
import { storesOf } from "../properties/scenario.js"
import { scenarios } from "./index.js"

test.each(scenarios.flatMap((scenario) => storesOf(scenario).map((on) => [scenario.name, on, scenario] as const)))(
  "%s on %s: one seed is one history, another seed another one",
  async (_name, on, scenario) => {
    const hashes = []
    for (const seed of [5, 5, 6]) hashes.push((await check(scenario, { seed, runs: 2, store: "fake", on })).traceHash)
    expect(hashes[1]).toBe(hashes[0])
    expect(hashes[2]).not.toBe(hashes[0])
  },
)
