import type { CheckResult } from "../properties/check-result.js"
import { exerciseNames } from "../properties/exercises.js"

/** What a scenario demands and has not come to, in runs that are too few to be judged; undefined when there is nothing. */
export function yetToCome({ runs, sometimes, exercised }: CheckResult): string | undefined {
  const missing = Object.entries(sometimes)
    .filter(([name, within]) => runs < within && (exercised[name]?.times ?? 0) === 0)
    .map(([name]) => name)
  return missing.length === 0 ? undefined : `not yet: ${missing.join(", ")}`
}

/** Which situations the runs came into, all together, and which of them none did. Faults are told elsewhere. */
export function exercisedText(results: readonly CheckResult[]): string {
  const possible = exerciseNames().filter((name) => results.some(({ exercised }) => name in exercised))
  const never = possible.filter((name) => results.every(({ exercised }) => (exercised[name]?.times ?? 0) === 0))
  const met = possible.length - never.length
  const all = `Situations met: ${met} of ${possible.length}`
  return never.length === 0 ? all : `${all}; never: ${never.join(", ")}`
}
