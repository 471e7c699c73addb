import { fuzz, judgeReaction } from "equinox-windtunnel"
import { describe, expect, test } from "vitest"
import { examples } from "./index.js"

/** Of each axis. `npm run examples` takes thousands. */
const runs = 20

const mostStoryLines = 15

describe.each(examples)("$name", { timeout: 120_000 }, (example) => {
  test("holds", async () => {
    const { outcome } = await fuzz({ ...example, reaction: example.right, runs })
    expect(outcome).toBe("idempotent")
  })

  test.each(example.wrong)("is seen to fail: $flaw", async ({ axis, hint, reaction }) => {
    const verdict = await judgeReaction({ ...example, reaction, runs })
    const failed = verdict.axes.flatMap((one) => (one.outcome === "failed" ? [one] : []))
    const counterexample = failed.find((one) => one.axis === axis)?.counterexample
    expect(failed.map((one) => one.axis)).toContain(axis)
    expect(counterexample?.hints.join("\n")).toMatch(hint)
    for (const { counterexample } of failed) expect(counterexample.story.length).toBeLessThanOrEqual(mostStoryLines)
  })
})
