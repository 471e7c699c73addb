import type { CheckResult } from "../properties/check-result.js"
import type { RunOptions } from "./run-options.js"
import { usualStrategy } from "./strategy-option.js"

/** The one command that runs one history again; or several, for what only all of them show. */
export const replayCommand = (
  { scenario, on }: Pick<CheckResult, "scenario" | "on">,
  { store, strategy }: Pick<RunOptions, "store" | "strategy">,
  seed: number | string,
  runs = 1,
): string => {
  const how = strategy === usualStrategy ? "" : ` --strategy ${strategy}`
  return `npx windtunnel run ${scenario} --on ${on} --store ${store}${how} --seed ${seed} --runs ${runs}`
}
