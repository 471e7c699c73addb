import type { SeededRandom } from "./seeded-random.js"
import type { StepLabel } from "./step-label.js"

/** The steps that may run now, oldest first. */
export interface ReadySteps {
  readonly size: number
  /** @throws RangeError when `index` is not from 0 to `size - 1`. */
  label(index: number): StepLabel
}

/** Answers the index of the step to release; 0 is the one that has been ready for longest. */
export type Choose = (ready: ReadySteps) => number

/** A way to choose who goes next. It is asked only where there is a choice: when two or more steps are ready. */
export interface Strategy {
  readonly name: string
  /** Begins a run. `random` is the strategy's own. */
  begin(random: SeededRandom): Choose
}

/** Any ready step with equal probability. */
export const random: Strategy = {
  name: "random",
  begin: (source) => (ready) => source.integer(0, ready.size - 1),
}

/** Always the step that has been ready for longest: what an event loop without latency variations would do. */
export const fifo: Strategy = {
  name: "fifo",
  begin: () => () => 0,
}

/** Makes recorded choices again, and goes on first in, first out when they are used up. */
export function replay(choices: readonly number[]): Strategy {
  return {
    name: "replay",
    begin: () => {
      let decision = 0
      return (ready) => {
        const choice = choices[decision++] ?? 0
        if (choice < ready.size) return choice
        throw new ReplayDivergedError(decision - 1, choice, ready.size)
      }
    },
  }
}

/** Recorded choices do not fit this run: the seed, the scenario or the code under test is another one. */
export class ReplayDivergedError extends Error {
  override readonly name = "ReplayDivergedError"
  constructor(decision: number, choice: number, size: number) {
    super(
      `the recorded choices do not fit this run: decision ${decision} chose step ${choice}, but only ${size} are ready. ` +
        "Replay needs the seed, the scenario and the code with which the choices were recorded.",
    )
  }
}
