import type { CheckProgress, CheckResult } from "../properties/check.js"
import type { Scenario } from "../properties/scenario.js"
import type { RunOptions } from "./run-options.js"

/** Tells somebody, or some program, what a `windtunnel run` does and what came of it. */
export interface Reporter {
  started(options: RunOptions): void
  checking(scenario: Scenario): void
  /** Called often; a reporter shows as much of it as its reader can take in. */
  progressed(scenario: Scenario, progress: CheckProgress): void
  checked(scenario: Scenario, result: CheckResult): void
  /** `interrupted`: some scenarios were cut short or left out. */
  ended(results: readonly CheckResult[], interrupted: boolean): void
}
