import { InvalidOptionError } from "../engine/options.js"
import { type CheckResult, checkResult } from "./check-result.js"
import { whole, whyIncomplete } from "./shard.js"
import { type Tally, TallySum } from "./tally.js"
import type { Violation } from "./violation.js"

const alike = ["scenario", "on", "store", "strategy", "seed"] as const

/**
 * Puts the results of all shards of a check together, in any order. What comes out is what the check without shards comes
 * to, but for `wallMs`, which is the sum of theirs. Of each property the first violation keeps its case.
 *
 * @throws InvalidOptionError when they are not all the shards of one check, each once.
 */
export function mergeResults(results: readonly CheckResult[]): CheckResult {
  const [first] = results
  if (first === undefined) throw new InvalidOptionError("mergeResults", "results", results, "at least one result")
  for (const result of results)
    for (const key of alike)
      if (result[key] !== first[key])
        throw new InvalidOptionError("mergeResults", key, result[key], `${JSON.stringify(first[key])} in all results`)
  const incomplete = whyIncomplete(results.map(({ shard }) => shard))
  if (incomplete !== undefined)
    throw new InvalidOptionError("mergeResults", "results", incomplete, "all shards of one check, each once")
  const sum = new TallySum()
  for (const result of results) sum.add(tallyIn(result))
  const { total } = sum
  const wallMs = results.reduce((all, result) => all + result.wallMs, 0)
  const properties = Object.entries(first.properties).map(([id, { weakened }]) => ({ id, weakened }))
  return checkResult(
    { ...first, shard: whole, wallMs },
    { ...total, violations: casesOfFirst(total.violations) },
    properties,
  )
}

const tallyIn = ({ properties, ...result }: CheckResult): Tally => ({
  ...result,
  checked: Object.fromEntries(Object.entries(properties).map(([id, { checked }]) => [id, checked])),
})

/** Each shard has made its own first violation smaller. */
function casesOfFirst(violations: readonly Violation[]): readonly Violation[] {
  const known = new Set<string>()
  return violations.map((violation) => {
    const isFirst = !known.has(violation.property)
    known.add(violation.property)
    if (isFirst) return violation
    const { case: _, ...others } = violation
    return others
  })
}
