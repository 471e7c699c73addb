import type { TraceEvent } from "../../sim/trace.js"
import type { Case } from "../case.js"
import { referenceEngine } from "../reference-engine.js"
import { type Retold, retell } from "../retell.js"
import type { Adapter } from "./adapter.js"
import { historyName, historyOf } from "./history-of.js"
import { profiles } from "./rule.js"
import { propertiesOf, rulesOfProfile } from "./rules.js"

/**
 * Runs a case again that the kit found.
 * @param onEvent Gets every event as it happens.
 * @returns undefined when it is none: it names no history of the kit.
 */
export async function retellRule(
  found: Case,
  adapter: Adapter,
  onEvent?: (event: TraceEvent) => void,
): Promise<Retold | undefined> {
  const profile = profiles.find((name) => historyName(name) === found.scenario)
  if (profile === undefined) return undefined
  const engine = { ...referenceEngine, ...(adapter.globals && { globals: adapter.globals }) }
  return retell(
    found,
    historyOf(adapter, profile),
    engine,
    propertiesOf(rulesOfProfile(profile, adapter.store), adapter),
    onEvent,
  )
}
