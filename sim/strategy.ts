import type { SeededRandom } from "./seeded-random.js"
import type { StepId } from "./step-id.js"

/** A step that may be released, as a strategy sees it. */
export interface ReadyStep extends StepId {
  /**
   * Steps that follow from one another: the first step that another one caused goes on with its chain, each further one
   * begins a chain. A process that does one thing at a time is one chain.
   */
  readonly chain: number
}

/** The steps that may run now, oldest first. */
export interface ReadySteps {
  readonly size: number
  /** @throws RangeError when `index` is not from 0 to `size - 1`. */
  at(index: number): ReadyStep
}

/** Chooses who goes next, for the length of one run. */
export interface Chooser {
  /** Answers the index of the step to release; 0 is the one that has been ready for longest. Asked only where there is a choice. */
  choose(ready: ReadySteps): number
  /** Told of every step that is released, chosen or not. */
  released?(step: ReadyStep): void
}

/** A way to choose who goes next. It is asked only where there is a choice: when two or more steps are ready. */
export interface Strategy {
  readonly name: string
  /** Begins a run. `random` is the strategy's own. */
  begin(random: SeededRandom): Chooser
}

/** Any ready step with equal probability. */
export const random: Strategy = {
  name: "random",
  begin: (source) => ({ choose: (ready) => source.integer(0, ready.size - 1) }),
}

/** Always the step that has been ready for longest: what an event loop without latency variations would do. */
export const fifo: Strategy = {
  name: "fifo",
  begin: () => ({ choose: () => 0 }),
}
