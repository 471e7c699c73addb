import { type Scenario, storeKinds, storesOf } from "../properties/scenario.js"
import type { Channel } from "./output.js"

/** One line per scenario: what it is called, which stores it runs on, and what it shows. */
export function list(scenarios: readonly Scenario[], out: Channel): void {
  const width = Math.max(...scenarios.map(({ name }) => name.length))
  for (const scenario of scenarios) {
    const stores = storeKinds.map((kind) => (storesOf(scenario).includes(kind) ? kind : " ".repeat(kind.length)))
    out.write(`${[scenario.name.padEnd(width), ...stores, scenario.title].join("  ")}\n`)
  }
}
