import { type Assumption, assumptions, type Weakening } from "../properties/assumption.js"
import type { CheckResult } from "../properties/check-result.js"

/** Says of each scenario that breaks assumptions what of it is not asked therefore; empty when none does. */
export function weakenedText(results: readonly Pick<CheckResult, "scenario" | "properties">[]): string {
  const scenarios = new Map(results.map((result) => [result.scenario, linesOf(result)]))
  return [...scenarios.values()].flat().join("")
}

function linesOf({ scenario, properties }: Pick<CheckResult, "scenario" | "properties">): readonly string[] {
  return (Object.keys(assumptions) as Assumption[]).flatMap((assumption) => {
    const clauses = (Object.keys(verbs) as Weakening[]).flatMap((weakening) => {
      const ids = Object.keys(properties).filter((id) => properties[id]!.weakened?.[assumption] === weakening)
      return ids.length === 0 ? [] : [`${ids.join(", ")} ${verbs[weakening][ids.length === 1 ? 0 : 1]}`]
    })
    return clauses.length === 0 ? [] : [`${scenario} goes without ${assumption}: ${clauses.join(", ")}\n`]
  })
}

const verbs: Readonly<Record<Weakening, readonly [one: string, more: string]>> = {
  "asks less": ["asks less", "ask less"],
  "not asked": ["is not asked", "are not asked"],
}
