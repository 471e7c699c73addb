import type { CheckResult } from "../properties/check-result.js"
import type { StoreName } from "./run-options.js"

/** The one command that runs one history again. */
export const replayCommand = (
  { scenario, on }: Pick<CheckResult, "scenario" | "on">,
  store: StoreName,
  seed: number | string,
): string => `npx windtunnel run ${scenario} --on ${on} --store ${store} --seed ${seed} --runs 1`
