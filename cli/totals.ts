import type { CheckResult } from "../properties/check-result.js"

/** All results together. */
export interface Totals {
  readonly runs: number
  readonly steps: number
  readonly wallMs: number
  /** How often each kind of fault struck, by kind. */
  readonly faults: Readonly<Record<string, number>>
  /** How often each property was put to the test, by id. 0: never, so nothing is known about it. */
  readonly checked: Readonly<Record<string, number>>
  readonly violated: ReadonlySet<string>
  readonly violations: number
}

export function totals(results: readonly CheckResult[]): Totals {
  const sum = (of: (result: CheckResult) => number) => results.reduce((total, result) => total + of(result), 0)
  return {
    runs: sum(({ runs }) => runs),
    steps: sum(({ steps }) => steps),
    wallMs: sum(({ wallMs }) => wallMs),
    faults: summed(results.map(({ faults }) => faults)),
    checked: summed(
      results.map(({ properties }) =>
        Object.fromEntries(Object.entries(properties).map(([id, { checked }]) => [id, checked])),
      ),
    ),
    violated: new Set(
      results.flatMap(({ properties }) => Object.entries(properties).filter(([, { held }]) => !held)).map(([id]) => id),
    ),
    violations: sum(({ violations }) => violations.length),
  }
}

/** Adds up by key, with the keys in order. */
function summed(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>()
  for (const [key, n] of counts.flatMap((of) => Object.entries(of))) sums.set(key, (sums.get(key) ?? 0) + n)
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)))
}
