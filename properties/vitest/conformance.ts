import { describe, test } from "vitest"
import type { Adapter } from "../conformance/adapter.js"
import { conform, type ConformOptions } from "../conformance/conform.js"
import type { ConformanceReport } from "../conformance/report.js"
import { rulesOfProfile } from "../conformance/rules.js"

/** How long the first test may take, which drives the adapter through all histories: five minutes. */
const timeoutMs = 300_000

/**
 * Declares one test for each rule of the adapter's profiles. A rule that does not concern the adapter is skipped with the
 * reason; so is one that no history came to.
 */
export function conformanceTests(adapter: Adapter, options: ConformOptions = {}): void {
  let conforming: Promise<ConformanceReport> | undefined
  const reported = () => (conforming ??= conform(adapter, options))
  describe.each(options.profiles ?? adapter.profiles)(`${adapter.name}: %s`, (profile) => {
    test.for([...rulesOfProfile(profile, adapter.store)])(
      "$id $title",
      { timeout: timeoutMs },
      async ({ id }, context) => {
        const { outcome } = (await reported()).rules.find((rule) => rule.id === id)!
        if (outcome.kind === "skipped") context.skip(outcome.reason)
        if (outcome.kind === "not exercised") context.skip("no history came to where it matters")
        if (outcome.kind === "violated") throw new Error(`${id}: ${outcome.violation.message}`)
      },
    )
  })
}
