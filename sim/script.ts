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

type Fault = Extract<Decision, { kind: "fault" }>

export class Script implements Chooser {
  readonly #holds = new Map<string, string>()
  readonly #latencies = new Map<string, number>()
  readonly #faults = new Map<string, Fault[]>()
  readonly #applied = new Set<string>()
  /** Steps that others wait for, and whether they have happened. */
  readonly #awaited = new Map<string, boolean>()
  #last = ""

  constructor(decisions: readonly Decision[]) {
    for (const decision of decisions) this.#add(decision)
  }

  /** How many of the decisions have had an effect so far. */
  get applied(): number {
    return this.#applied.size
  }

  choose(ready: ReadySteps): number {
    let oldest: number | undefined
    for (let index = 0; index < ready.size; index++) {
      const step = stepName(ready.at(index))
      const until = this.#holds.get(step)
      if (until !== undefined && until === this.#last) return index
      const waits = until !== undefined && this.#awaited.get(until) === false
      if (waits) this.#applied.add(`hold ${step}`)
      else oldest ??= index
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
    const step = stepName(id)
    const ms = this.#latencies.get(step)
    if (ms !== undefined) this.#applied.add(`latency ${step}`)
    return ms
  }

  /** Whether this fault was to strike at this step. */
  fault(fault: FaultKind, id: StepId): Fault | undefined {
    if (this.#faults.size === 0) return undefined
    const step = stepName(id)
    const found = this.#faults.get(step)?.find((one) => one.fault === fault)
    if (found !== undefined) this.#applied.add(`${fault} ${step}`)
    return found
  }

  #add(decision: Decision): void {
    switch (decision.kind) {
      case "hold":
        this.#holds.set(decision.step, decision.until)
        this.#awaited.set(decision.until, false)
        return
      case "latency":
        this.#latencies.set(decision.step, decision.ms)
        return
      case "fault":
        this.#faults.set(decision.step, [...(this.#faults.get(decision.step) ?? []), decision])
    }
  }
}
