import type { Run } from "./simulated-run.js"
import type { Observation } from "./watch.js"

/** What one run of a check came to: plain JSON, so that it can be made in one place and added up in another. */
export interface RunReport {
  /** Which run of the check it is, from 0. */
  readonly run: number
  readonly seed: number | string
  /** How the next step was chosen. */
  readonly strategy: string
  /** Steps of the simulation; on a real store, events of the trace. */
  readonly steps: number
  readonly virtualMs: number
  readonly traceHash: string
  /** How many faults were injected, by kind. */
  readonly faults: Readonly<Record<string, number>>
  /** How often each property was put to the test, by id. */
  readonly checked: Readonly<Record<string, number>>
  /** What the run could exercise, and how often it did, by name. */
  readonly exercised: Readonly<Record<string, number>>
  /** The first violation of each property, and that the run itself failed, if it did. */
  readonly violations: readonly Observation[]
}

/** @param further What is wrong with the run besides what it showed. */
export const runReport = (
  run: number,
  seed: number | string,
  { strategy, steps, virtualMs, traceHash, faults, exercised, watch, failure }: Run,
  further?: string,
): RunReport => ({
  run,
  seed,
  strategy,
  steps,
  virtualMs,
  traceHash,
  faults,
  checked: Object.fromEntries(watch.checked),
  exercised,
  violations: [...watch.violations, ...ofTheRun(failure), ...ofTheRun(further)],
})

const ofTheRun = (message: string | undefined): readonly Observation[] =>
  message === undefined ? [] : [{ property: "run", message }]
