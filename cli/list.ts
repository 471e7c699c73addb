import type { Scenario } from "../properties/scenario.js"
import type { Channel } from "./output.js"

/** One line per scenario: what it is called and what it shows. */
export function list(scenarios: readonly Scenario[], out: Channel): void {
  const width = Math.max(...scenarios.map(({ name }) => name.length))
  for (const { name, title } of scenarios) out.write(`${name.padEnd(width)}  ${title}\n`)
}
