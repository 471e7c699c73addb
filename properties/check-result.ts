import type { Assumed } from "./assumption.js"
import type { StoreKind } from "./scenario.js"
import type { Shard } from "./shard.js"
import type { Tally } from "./tally.js"
import { vacuity, vacuousness } from "./vacuity.js"
import type { Violation } from "./violation.js"

/** What a check came to: plain JSON. */
export interface CheckResult extends Omit<Tally, "checked"> {
  /** Name of the scenario. */
  readonly scenario: string
  /** The store that it ran on. */
  readonly on: StoreKind
  /** `fake`, or the live store's name. */
  readonly store: string
  /** How the next step was chosen; `real time` on a real store. */
  readonly strategy: string
  readonly seed: number | string
  /** Which of the runs of the check these are. */
  readonly shard: Shard
  /** How long the runs took, without what it took to make failures smaller. */
  readonly wallMs: number
  /** What the scenario demands of so many runs, by the names of `exercised`: unmet, it is a violation named `vacuity`. */
  readonly sometimes: Readonly<Record<string, number>>
  /** By id. */
  readonly properties: Readonly<Record<string, Verdict>>
}

/** What came of a property. */
export interface Verdict {
  /** No run violated it. */
  readonly held: boolean
  /** How often it was put to the test: 0 when it was not asked. */
  readonly checked: number
  /** Assumptions that it rests on and that do not hold here, and what becomes of it without them. Absent: none. */
  readonly weakened?: Assumed
}

/** What was checked, and for how long. */
type Checked = Pick<CheckResult, "scenario" | "on" | "store" | "strategy" | "seed" | "shard" | "wallMs" | "sometimes">

export function checkResult(
  { scenario, on, store, strategy, seed, shard, wallMs, sometimes }: Checked,
  { runs, steps, virtualMs, traceHash, faults, checked, exercised, violations: found }: Tally,
  properties: readonly { readonly id: string; readonly weakened?: Assumed | undefined }[],
): CheckResult {
  const violations = judged(found, vacuousness(sometimes, seed, { runs, exercised }))
  const violated = new Set(violations.map(({ property }) => property))
  return {
    scenario,
    on,
    store,
    strategy,
    seed,
    shard,
    runs,
    steps,
    virtualMs,
    wallMs,
    traceHash,
    faults,
    sometimes,
    exercised,
    properties: Object.fromEntries(
      properties.map(({ id, weakened }) => [
        id,
        { held: !violated.has(id), checked: checked[id] ?? 0, ...(weakened !== undefined && { weakened }) },
      ]),
    ),
    violations,
  }
}

/** What held is vacuous or not, and only all runs together tell; of what is violated nobody asks. */
function judged(found: readonly Violation[], vacuous: Violation | undefined): readonly Violation[] {
  const violations = found.filter(({ property }) => property !== vacuity)
  return violations.length > 0 || vacuous === undefined ? violations : [vacuous]
}
