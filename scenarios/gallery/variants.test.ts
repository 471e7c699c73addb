import { expect, test } from "vitest"
import { check } from "../../properties/check.js"
import { storesOf } from "../../properties/scenario.js"
import { histories } from "./histories.js"
import { variants } from "./variants.js"

/** Between them they use every result, every limit and every way to fail. */
const played = ["one consumer", "stop and start", "several categories", "two instances"] as const

const cases = variants.flatMap(({ name, on, parts }) =>
  on.flatMap((store) => played.map((history) => [name, history, store, parts] as const)),
)

test.each(cases)("no false alarm: %s, %s on %s", async (_, history, on, engine) => {
  expect(storesOf(histories[history])).toContain(on)
  const runs = on === "message-db" ? 3 : 1
  const { violations, properties } = await check(histories[history], { seed: 3, runs, store: "fake", on, engine })
  expect(violations).toEqual([])
  expect(properties["I-08"]?.checked).toBeGreaterThan(0)
})
