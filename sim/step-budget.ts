/**
 * Within one step nothing else can happen, so code that goes on and on in microtasks would stop the simulation for ever. It
 * cannot be interrupted, but it is met where it touches the world: wherever it asks for the time, schedules something, or
 * tells the trace something. One step may do that so many times; from then on each time throws, and the run has failed.
 * Code that spins without touching the world is out of reach.
 */

/** More than any step does that comes to an end, and reached within a few seconds. */
const mostUses = 300_000

export class StepBudget {
  readonly #failed: (error: EndlessStepError) => void
  #step = "the beginning"
  #uses = 0

  /** @param failed hears of the first step that has no end. */
  constructor(failed: (error: EndlessStepError) => void) {
    this.#failed = failed
  }

  /** A step is released. */
  begin(step: string): void {
    this.#step = step
    this.#uses = 0
  }

  /**
   * The world is touched.
   * @param times as often as it should count: what costs more is to come to an end sooner.
   * @throws EndlessStepError
   */
  use(times = 1): void {
    this.#uses += times
    if (this.#uses <= mostUses) return
    const error = new EndlessStepError(this.#step)
    this.#failed(error)
    throw error
  }
}

/** Something goes on without letting anything else happen. */
export class EndlessStepError extends Error {
  override readonly name = "EndlessStepError"
  constructor(step: string) {
    super(
      `one step has no end: what "${step}" set going has used the clock, the ports and the trace too often, in ` +
        "microtasks or ticks only, so that no timer fires and no signal is seen",
    )
  }
}
