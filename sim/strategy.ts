import type { SeededRandom } from "./seeded-random.js"
import type { StepId } from "./step-id.js"

/** A step that may be released, as a strategy sees it. */
export interface ReadyStep extends StepId {
  /**
   * Steps that follow from one another: the first step that another one caused goes on with its chain, each further one
   * begins a chain. A process that does one thing at a time is one chain. At most one step of a chain is pending.
   */
  readonly chain: number
}

/** The steps that may run now, oldest first. */
export interface ReadySteps {
  readonly size: number
  /** @throws RangeError when `index` is not from 0 to `size - 1`. */
  at(index: number): ReadyStep
  /** Where a step is; -1 when it is not ready. Takes O(log n). */
  indexOf(step: ReadyStep): number
}

/** Chooses who goes next, for the length of one run. */
export interface Chooser {
  /** What the strategy decided on for this run, where it has several ways to go about it. Default: the strategy's name. */
  readonly name?: string
  /** Answers the index of the step to release; 0 is the one that has been ready for longest. Asked only where there is a choice. */
  choose(ready: ReadySteps): number
  /**
   * How long this request or reply is under way, in whole milliseconds: from `range`, or longer where an adversary holds
   * it back. Default, also where it answers undefined: drawn from the range.
   */
  latencyMs?(step: StepId, range: readonly [number, number]): number | undefined
  /** Told of every step that has become ready. */
  ready?(step: ReadyStep): void
  /** Told of every step that is released, chosen or not. */
  released?(step: ReadyStep): void
  /** Told of every ready step that was called off. */
  gone?(step: ReadyStep): void
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
