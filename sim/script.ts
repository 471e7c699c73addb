/*
 * A run by decisions that were made before. What they do not speak of goes by default, so any part of a run's decisions
 * makes a run, too: that is what lets a failure be made smaller.
 *
 * Invariants: with the same seed, all decisions of a run give that run again. A held step waits only while another one
 * may go: a hold never stops a run, and never lets time pass. Each decision is matched by the names of its steps; one
 * whose steps do not come is left without effect, and counted as such.
 *
 * Why a hold says more than a place in a queue: a step that others overtook is let go right after the step that came
 * before it. By induction over the steps of the recorded run, whoever went next there is either the oldest ready step
 * that waits for nobody, or the one whose wait has just ended.
 */
import type { Decision } from "./decision.js"
import { type StepId, stepName } from "./step-id.js"
import type { Chooser, ReadySteps } from "./strategy.js"
import type { FaultKind } from "./world.js"

type Hold = Extract<Decision, { kind: "hold" }>
type Latency = Extract<Decision, { kind: "latency" }>
type Fault = Extract<Decision, { kind: "fault" }>

export class Script implements Chooser {
  readonly #decisions: readonly Decision[]
  readonly #holds = new Map<string, Hold[]>()
  readonly #latencies = new Map<string, Latency>()
  readonly #faults = new Map<string, Fault[]>()
  readonly #applied = new Set<Decision>()
  /** Steps that others wait for, and whether they have happened. */
  readonly #awaited = new Map<string, boolean>()
  #last = ""

  constructor(decisions: readonly Decision[]) {
    this.#decisions = decisions
    for (const decision of decisions) this.#add(decision)
  }

  /** Those of the decisions that have had an effect so far. */
  get applied(): readonly Decision[] {
    return this.#decisions.filter((decision) => this.#applied.has(decision))
  }

  choose(ready: ReadySteps): number {
    let oldest: number | undefined
    for (let index = 0; index < ready.size; index++) {
      const step = stepName(ready.at(index))
      const hold = this.#holdOf(step)
      if (hold?.until === this.#last) {
        this.#applied.add(hold)
        return index
      }
      if (hold === undefined) oldest ??= index
      else this.#applied.add(hold)
    }
    return oldest ?? 0
  }

  released(id: StepId): void {
    this.#last = stepName(id)
    if (this.#awaited.has(this.#last)) this.#awaited.set(this.#last, true)
  }

  /** How long this request or reply is under way; undefined when nothing was decided. */
  latencyMs(id: StepId): number | undefined {
    if (this.#latencies.size === 0) return undefined
    const latency = this.#latencies.get(stepName(id))
    if (latency !== undefined) this.#applied.add(latency)
    return latency?.ms
  }

  /** Whether this fault was to strike at this step. */
  fault(fault: FaultKind, id: StepId): Fault | undefined {
    if (this.#faults.size === 0) return undefined
    const found = this.#faults.get(stepName(id))?.find((one) => one.fault === fault)
    if (found !== undefined) this.#applied.add(found)
    return found
  }

  /** A step that a pause took out of the queue is ready twice, and may be held each time. */
  #holdOf(step: string): Hold | undefined {
    return this.#holds.get(step)?.find(({ until }) => until === this.#last || this.#awaited.get(until) === false)
  }

  #add(decision: Decision): void {
    switch (decision.kind) {
      case "hold":
        this.#holds.set(decision.step, [...(this.#holds.get(decision.step) ?? []), decision])
        this.#awaited.set(decision.until, false)
        return
      case "latency":
        this.#latencies.set(decision.step, decision)
        return
      case "fault":
        this.#faults.set(decision.step, [...(this.#faults.get(decision.step) ?? []), decision])
    }
  }
}
