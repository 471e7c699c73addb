import type { Decision } from "./decision.js"
import { type StepId, stepName } from "./step-id.js"
import type { StepLabel } from "./step-label.js"
import type { FaultKind } from "./world.js"

/** What is kept of a step: not the step itself, since closures hang on it, and with them whole calls. */
interface Noted {
  readonly label: StepLabel
  readonly nth: number
}

type Entry =
  | (Noted & { readonly kind: "hold"; readonly until: StepLabel; readonly untilNth: number })
  | (Noted & { readonly kind: "latency"; readonly ms: number })
  | (Noted & { readonly kind: "fault"; readonly fault: FaultKind; readonly ms: number | undefined })

/** Takes note of what was decided otherwise than by default, in the order in which it was. */
export class DecisionLog {
  readonly #entries: Entry[] = []

  held({ label, nth }: StepId, until: StepId): void {
    this.#entries.push({ kind: "hold", label, nth, until: until.label, untilNth: until.nth })
  }

  latency({ label, nth }: StepId, ms: number): void {
    this.#entries.push({ kind: "latency", label, nth, ms })
  }

  fault(fault: FaultKind, { label, nth }: StepId, ms?: number): void {
    this.#entries.push({ kind: "fault", label, nth, fault, ms })
  }

  get decisions(): readonly Decision[] {
    return this.#entries.map(decisionOf)
  }
}

function decisionOf(entry: Entry): Decision {
  const step = stepName(entry)
  switch (entry.kind) {
    case "hold":
      return { kind: "hold", step, until: stepName({ label: entry.until, nth: entry.untilNth }) }
    case "latency":
      return { kind: "latency", step, ms: entry.ms }
    case "fault":
      return { kind: "fault", fault: entry.fault, step, ...(entry.ms !== undefined && { ms: entry.ms }) }
  }
}
