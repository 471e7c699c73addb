import { digestOfRun, HistoryDigest } from "./history-digest.js"
import type { RunReport } from "./run-report.js"
import type { Violation } from "./violation.js"

/** By name, see `exercises.ts`: in how many runs it came about, and how often in all of them. */
export type Exercised = Readonly<Record<string, { readonly runs: number; readonly times: number }>>

/** What any number of runs of one check came to: plain JSON. */
export interface Tally {
  readonly runs: number
  /** Steps of the simulation; on a real store, events of the trace. */
  readonly steps: number
  readonly virtualMs: number
  /**
   * Digest of all runs' histories: equal for equal histories, however the runs were divided, see {@link HistoryDigest}.
   */
  readonly traceHash: string
  /** How many faults were injected, by kind. */
  readonly faults: Readonly<Record<string, number>>
  /** How often each property was put to the test, by id. */
  readonly checked: Readonly<Record<string, number>>
  /** What the runs could exercise, also where they did not. */
  readonly exercised: Exercised
  /** Of each run the first violation of each property, in the order of the runs. */
  readonly violations: readonly Violation[]
}

/** Of one run. */
export const tallyOf = ({ run, seed, traceHash, exercised, violations, ...report }: RunReport): Tally => ({
  runs: 1,
  steps: report.steps,
  virtualMs: report.virtualMs,
  traceHash: digestOfRun(run, traceHash),
  faults: report.faults,
  checked: report.checked,
  exercised: Object.fromEntries(
    Object.entries(exercised).map(([name, times]) => [name, { runs: times > 0 ? 1 : 0, times }]),
  ),
  violations: violations.map((violation) => ({ ...violation, run, seed })),
})

/**
 * Adds up tallies. The total depends neither on their order nor on how the runs were divided among them. Memory follows
 * the number of violations, not of runs.
 */
export class TallySum {
  #runs = 0
  #steps = 0
  #virtualMs = 0
  readonly #digest = new HistoryDigest()
  readonly #faults = new Map<string, number>()
  readonly #checked = new Map<string, number>()
  readonly #exercisedRuns = new Map<string, number>()
  readonly #exercisedTimes = new Map<string, number>()
  readonly #violations: Violation[] = []

  add({ runs, steps, virtualMs, traceHash, faults, checked, exercised, violations }: Tally): void {
    this.#runs += runs
    this.#steps += steps
    this.#virtualMs += virtualMs
    this.#digest.add(traceHash)
    increase(this.#faults, faults)
    increase(this.#checked, checked)
    for (const [name, { runs, times }] of Object.entries(exercised)) {
      increaseBy(this.#exercisedRuns, name, runs)
      increaseBy(this.#exercisedTimes, name, times)
    }
    for (const violation of violations) this.#violations.push(violation)
  }

  get runs(): number {
    return this.#runs
  }

  get steps(): number {
    return this.#steps
  }

  /** Of all kinds. */
  get faults(): number {
    return [...this.#faults.values()].reduce((sum, n) => sum + n, 0)
  }

  get total(): Tally {
    return {
      runs: this.#runs,
      steps: this.#steps,
      virtualMs: this.#virtualMs,
      traceHash: this.#digest.toString(),
      faults: inOrder(this.#faults),
      checked: inOrder(this.#checked),
      exercised: Object.fromEntries(
        Object.entries(inOrder(this.#exercisedRuns)).map(([name, runs]) => [
          name,
          { runs, times: this.#exercisedTimes.get(name)! },
        ]),
      ),
      violations: this.#violations.toSorted((a, b) => a.run - b.run),
    }
  }
}

function increase(counts: Map<string, number>, by: Readonly<Record<string, number>>): void {
  for (const [key, n] of Object.entries(by)) increaseBy(counts, key, n)
}

const increaseBy = (counts: Map<string, number>, key: string, n: number): void =>
  void counts.set(key, (counts.get(key) ?? 0) + n)

/** The same text for the same counts, in whatever order they came. */
const inOrder = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
