import type { Life, Pending } from "./life.js"
import type { StepLabel } from "./step-label.js"

/** What makes things happen in a world: a scheduler that chooses under virtual time, or the machine's own course. */
export interface Pace {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /**
   * Lets `run` happen on behalf of `life`, `ms` milliseconds from now at the earliest. A yield point: others may come
   * first, and instead of running the life may be struck. Has no effect when the life is over, and is called off when
   * it ends.
   */
  schedule(label: StepLabel, life: Life, ms: number, run: () => void): Pending
  /** Milliseconds that a request or a reply is under way. */
  latency(): number
}

/** What is pending for a life that is over: nothing. */
export const nothing: Pending = { cancel: () => undefined }
