import type { CheckProgress } from "../properties/check.js"
import type { CheckResult } from "../properties/check-result.js"
import type { Play } from "../properties/play.js"
import type { Skipped } from "./open-stores.js"
import type { RunOptions } from "./run-options.js"
import type { ToldFailure } from "./told-failures.js"

/** A failure of an earlier command that was run again before anything else. */
export interface ReplayedCase {
  readonly file: string
  readonly property: string
  readonly violated: boolean
}

/** Tells somebody, or some program, what a `windtunnel run` does and what came of it. */
export interface Reporter {
  /** `skipped`: the stores that are not there; the plan is without them. */
  started(options: RunOptions, skipped: readonly Skipped[]): void
  /** A case that was kept by an earlier command was run again. */
  replayed(kept: ReplayedCase): void
  checking(play: Play): void
  /** Called often; a reporter shows as much of it as its reader can take in. */
  progressed(play: Play, progress: CheckProgress): void
  checked(play: Play, result: CheckResult, failures: readonly ToldFailure[]): void
  /** `interrupted`: some scenarios were cut short or left out. */
  ended(results: readonly CheckResult[], interrupted: boolean): void
}
