import { expect, test } from "vitest"
import type { Capability } from "./capability.js"
import { conform } from "./conform.js"
import { plantedSink, type SinkBug } from "./planted-sink.js"

/** By which rules each bug has to be caught, and by no others. */
const caughtBy: Readonly<Record<SinkBug, readonly string[]>> = {
  // What comes too late for such a sink is lost.
  "streams begin anywhere": ["SNK-11", "SNK-13"],
  "a misfit is no progress": ["SNK-14"],
  "calls begin a turn late": ["SNK-15"],
  "no progress is repeated before others": ["SNK-16"],
  "no progress is repeated at once": ["SNK-17"],
}
const bugs = Object.keys(caughtBy) as SinkBug[]
const options = { histories: 20, shrink: { timeMs: 0, runs: 1 } }

const violated = async (bug?: SinkBug, lacks?: Capability) => {
  const { rules } = await conform(plantedSink(bug, lacks), options)
  return rules.filter(({ outcome }) => outcome.kind === "violated").map(({ id }) => id)
}

test("a sink without a bug conforms", async () => {
  expect(await violated()).toEqual([])
})

test.each(bugs)("%s: caught by the rules that name it, and by no others", async (bug) => {
  expect(await violated(bug)).toEqual(caughtBy[bug])
})

test.each([
  ["streams begin anywhere", "complete streams"],
  ["a misfit is no progress", "partial results"],
  ["calls begin a turn late", "prompt"],
  ["no progress is repeated before others", "fair"],
] as const)("%s: not asked of a sink that says it has no '%s'", async (habit, lacks) => {
  expect(await violated(habit, lacks)).toEqual([])
})
