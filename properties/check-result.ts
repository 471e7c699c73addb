import type { Property } from "./monitor.js"
import type { StoreKind } from "./scenario.js"
import type { Tally } from "./tally.js"

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
  /** How long the runs took, without what it took to make failures smaller. */
  readonly wallMs: number
  /** By id: whether it held, and how often it was put to the test. */
  readonly properties: Readonly<Record<string, { readonly held: boolean; readonly checked: number }>>
}

/** What was checked, and for how long. */
type Checked = Pick<CheckResult, "scenario" | "on" | "store" | "strategy" | "seed" | "wallMs">

export function checkResult(
  { scenario, on, store, strategy, seed, wallMs }: Checked,
  { runs, steps, virtualMs, traceHash, faults, checked, violations }: Tally,
  properties: readonly Pick<Property, "id">[],
): CheckResult {
  const violated = new Set(violations.map(({ property }) => property))
  return {
    scenario,
    on,
    store,
    strategy,
    seed,
    runs,
    steps,
    virtualMs,
    wallMs,
    traceHash,
    faults,
    properties: Object.fromEntries(
      properties.map(({ id }) => [id, { held: !violated.has(id), checked: checked[id] ?? 0 }]),
    ),
    violations,
  }
}
