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
}
const bugs = Object.keys(caughtBy) as Bug[]
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
