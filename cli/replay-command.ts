import type { CheckResult } from "../properties/check-result.js"
import type { RunOptions } from "./run-options.js"
import { usualStrategy } from "./strategy-option.js"

/** The one command that runs one history again; or several, for what only all of them show. */
export const replayCommand = (
  { scenario, on }: Pick<CheckResult, "scenario" | "on">,
  { store, strategy, engine }: Pick<RunOptions, "store" | "strategy" | "engine">,
  seed: number | string,
  runs = 1,
): string => {
  const how = strategy === usualStrategy ? "" : ` --strategy ${strategy}`
  const what = engine === undefined ? "" : ` --engine ${engine}`
  return `npx windtunnel run ${scenario} --on ${on} --store ${store}${what}${how} --seed ${seed} --runs ${runs}`
}
