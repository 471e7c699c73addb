import type { Case } from "./case.js"

/** That something did not hold in one run of a check. */
export interface Violation {
  /**
   * Its id; `run` when the run itself failed: a deadlock, a limit, an error of the scenario; `vacuity` when nothing was
   * violated, but the runs together did not come to what the scenario demands.
   */
  readonly property: string
  /** Which run of the check showed it, from 0. */
  readonly run: number
  /** Of that run: a check with this seed and one run shows it again. */
  readonly seed: number | string
  readonly message: string
  /** The smallest case that was found to show it, where one was looked for. */
  readonly case?: Case
}
