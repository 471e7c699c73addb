import type { Life, Pending } from "./life.js"
import type { StepId } from "./step-id.js"
import type { StepLabel } from "./step-label.js"

/** Milliseconds from now, or how to find them for the step at hand. */
export type Delay = number | ((step: StepId) => number)

/** What makes things happen in a world: a scheduler that chooses under virtual time, or the machine's own course. */
export interface Pace {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /**
   * Lets `run` happen on behalf of `life`, after the delay at the earliest. A yield point: others may come
   * first, and instead of running the life may be struck. Has no effect when the life is over, and is called off when
   * it ends.
   * @param nth Its number, where it has that of the step that it answers. Default: it is counted.
   */
  schedule(label: StepLabel, life: Life, delay: Delay, run: (step: StepId) => void, nth?: number): Pending
  /** Lets nothing happen until the promise settles. Without effect where nobody can keep things from happening. */
  standStill(until: Promise<unknown>): void
  /** The life is paused: what is about to happen on its behalf is parked. */
  paused(life: Life): void
  /** Milliseconds that this request or reply is under way. */
  latency(step: StepId): number
  /**
   * Told that the present step uses something that others may use too and that its label does not name: an object by its
   * port's name, `everything`, or what else has a name. For exploration.
   * @param changes False when the object stays as it is. Default: true.
   */
  touched?(object: string, changes?: boolean): void
}

/** What is pending for a life that is over: nothing. */
export const nothing: Pending = { cancel: () => undefined }

/** What a step touches that may concern every other one. */
export const everything = "everything"
