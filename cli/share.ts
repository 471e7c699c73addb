import type { Effort } from "./run-options.js"

/** What each of the scenarios gets: all the runs that were asked for, or an equal part of the time. */
export const share = (effort: Effort, scenarios: number): Effort =>
  "runs" in effort ? effort : { timeMs: Math.max(1, Math.floor(effort.timeMs / scenarios)) }
