import type { Decision } from "../../sim/decision.js"
import type { AxisName } from "./axis.js"
import type { FuzzSetup } from "./setup.js"

/** One failing run of a reaction, in all that makes it. */
export interface FuzzCase {
  readonly axis: AxisName
  readonly seed: number | string
  readonly setup: FuzzSetup
  readonly decisions: readonly Decision[]
}
