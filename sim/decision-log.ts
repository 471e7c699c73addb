import type { Decision } from "./decision.js"
import { type StepId, stepName } from "./step-id.js"
import type { FaultKind } from "./world.js"

type Entry =
  | { readonly kind: "hold"; readonly step: StepId; readonly until: StepId }
  | { readonly kind: "latency"; readonly step: StepId; readonly ms: number }
  | { readonly kind: "fault"; readonly step: StepId; readonly fault: FaultKind; readonly ms?: number }

/** Takes note of what was decided otherwise than by default, in the order in which it was. */
export class DecisionLog {
  readonly #entries: Entry[] = []

  held(step: StepId, until: StepId): void {
    this.#entries.push({ kind: "hold", step: identityOf(step), until: identityOf(until) })
  }

  latency(step: StepId, ms: number): void {
    this.#entries.push({ kind: "latency", step: identityOf(step), ms })
  }

  fault(fault: FaultKind, step: StepId, ms?: number): void {
    this.#entries.push({ kind: "fault", fault, step: identityOf(step), ...(ms === undefined ? {} : { ms }) })
  }

  get decisions(): readonly Decision[] {
    return this.#entries.map((entry) => {
      if (entry.kind === "hold") return { ...entry, step: stepName(entry.step), until: stepName(entry.until) }
      return { ...entry, step: stepName(entry.step) }
    })
  }
}

/** Without what hangs on a step: closures, and with them whole calls. */
const identityOf = ({ label, nth }: StepId): StepId => ({ label, nth })
