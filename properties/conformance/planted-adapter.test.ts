import { expect, test } from "vitest"
import { conform } from "./conform.js"
import { type Bug, plantedAdapter } from "./planted-adapter.js"
import type { Profile } from "./rule.js"

/** By which rule each bug has to be caught. */
const caughtBy: Readonly<Record<Bug, readonly [profile: Profile, rule: string]>> = {
  "no order": ["source", "SRC-03"],
  "two handlers at once": ["source", "SRC-04"],
  "checkpoint early": ["source", "SRC-06"],
  "checkpoint backwards": ["checkpoints", "CKP-04"],
  "origin ignored": ["checkpoints", "CKP-05"],
  "wrong hash": ["consumer-groups", "GRP-05"],
  "inclusive position": ["source", "SRC-10"],
  "lost wake-up": ["source", "SRC-07"],
  "unbounded read-ahead": ["source", "SRC-16"],
  "leak of listeners": ["source", "SRC-18"],
  "no end on abort": ["source", "SRC-17"],
  "checkpoint seldom": ["source", "SRC-22"],
  "starts too early": ["source", "SRC-23"],
}
const bugs = Object.keys(caughtBy) as Bug[]
/** What nothing else of what a history asks is touched by. */
const caughtByOneRule: readonly Bug[] = ["checkpoint seldom", "starts too early"]
const shrink = { timeMs: 0, runs: 1 }

test("an adapter without a bug conforms", async () => {
  const { rules } = await conform(plantedAdapter(), { histories: 12, shrink })
  expect(rules.filter(({ outcome }) => outcome.kind === "violated")).toEqual([])
})

test.each(bugs)("%s is caught by the rule that names it", async (bug) => {
  const [profile, rule] = caughtBy[bug]
  const { rules } = await conform(plantedAdapter(bug), { profiles: [profile], histories: 8, shrink })
  const violated = rules.filter(({ outcome }) => outcome.kind === "violated").map(({ id }) => id)
  expect(violated).toContain(rule)
})

test.each(caughtByOneRule)("%s is caught by no other rule", async (bug) => {
  const [profile, rule] = caughtBy[bug]
  const { rules } = await conform(plantedAdapter(bug), { profiles: [profile], histories: 24, shrink })
  expect(rules.filter(({ outcome }) => outcome.kind === "violated").map(({ id }) => id)).toEqual([rule])
})

test("a source that promises no interval is not asked when it stores its position", async () => {
  const adapter = plantedAdapter("checkpoint seldom")
  const capabilities = adapter.capabilities.filter((capability) => capability !== "checkpoint interval")
  const { rules } = await conform({ ...adapter, capabilities }, { profiles: ["source"], histories: 8, shrink })
  expect(rules.filter(({ outcome }) => outcome.kind === "violated")).toEqual([])
  expect(rules.find(({ id }) => id === "SRC-22")?.outcome).toMatchInlineSnapshot(`
    {
      "kind": "skipped",
      "reason": "no "checkpoint interval": it does not promise to store its position at the interval that it is given",
    }
  `)
})
