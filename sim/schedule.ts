import fc from "fast-check"
import type { Decision } from "./decision.js"
import { fewerDecisions, type Progress } from "./fewer-decisions.js"
import { simulate, type SimulationOptions, type SimulationResult } from "./simulate.js"
import type { World } from "./world.js"

/** How a run of a simulation goes: drawn by fast-check, recorded when it is run, and made smaller from what was recorded. */
export class Schedule {
  readonly seed: number
  readonly #options: SimulationOptions
  readonly #given: readonly Decision[] | undefined
  #recorded: readonly Decision[] | undefined

  constructor(seed: number, options: SimulationOptions, given?: readonly Decision[]) {
    this.seed = seed
    this.#options = options
    this.#given = given
  }

  /**
   * Runs a deployment by this schedule.
   * @throws what the run failed with, see `SimulationResult.outcome`
   */
  async simulate(main: (world: World) => Promise<void>): Promise<SimulationResult> {
    const { strategy, ...options } = this.#options
    const by = this.#given === undefined ? (strategy === undefined ? {} : { strategy }) : { decisions: this.#given }
    const result = await simulate(this.seed, main, { ...options, ...by })
    this.#recorded = result.applied
    if (result.outcome.kind === "failed") throw result.outcome.error
    return result
  }

  /** All that was decided otherwise than by default in the run, of which there must have been one; else nothing. */
  get decisions(): readonly Decision[] {
    return this.#recorded ?? this.#given ?? []
  }

  /** Shown by fast-check. */
  [fc.toStringMethod](): string {
    const lines = this.decisions.map((decision) => `\n  ${decisionText(decision)}`)
    return `Schedule of seed ${this.seed}, ${lines.length === 0 ? "first in, first out" : `decided:${lines.join("")}`}`
  }
}

/** A decision as a sentence. */
export function decisionText(decision: Decision): string {
  switch (decision.kind) {
    case "hold":
      return `${decision.step} waits until ${decision.until} has happened`
    case "latency":
      return `${decision.step} takes ${decision.ms} ms`
    case "fault":
      return `${decision.fault} at ${decision.step}${decision.ms === undefined ? "" : `, ${decision.ms} ms`}`
  }
}

/**
 * Schedules for a fast-check property. Each value runs one simulation; a failing one shrinks to the few places where it
 * differs from first in, first out, and to the fewest faults.
 *
 *     await fc.assert(fc.asyncProperty(fc.array(fc.nat()), schedule(), async (input, schedule) => {
 *       await schedule.simulate(async (world) => { … })
 *     }))
 */
export function schedule(options: SimulationOptions = {}): fc.Arbitrary<Schedule> {
  return new ScheduleArbitrary(options)
}

class ScheduleArbitrary extends fc.Arbitrary<Schedule> {
  readonly #options: SimulationOptions

  constructor(options: SimulationOptions) {
    super()
    this.#options = options
  }

  override generate(random: fc.Random): fc.Value<Schedule> {
    return new fc.Value(new Schedule(random.nextInt(0, 0x7fff_ffff), this.#options), undefined)
  }

  override canShrinkWithoutContext(value: unknown): value is Schedule {
    return value instanceof Schedule
  }

  override shrink(value: Schedule, context: unknown): fc.Stream<fc.Value<Schedule>> {
    const progress = context as Progress | undefined
    const candidates = fewerDecisions(value.decisions, progress)
    return fc
      .stream(candidates)
      .map(({ decisions, progress: next }) => new fc.Value(new Schedule(value.seed, this.#options, decisions), next))
  }
}
