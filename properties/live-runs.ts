import type { Happening, TraceEvent } from "../sim/trace.js"

export type RunStarted = Extract<Happening, { kind: "RunStarted" }>

/**
 * State that is kept for each run while it lives: made when the run starts, dropped when it ends or its process
 * crashes. What arrives for other runs, e.g. from the calls that a stop left behind, finds nothing here.
 */
export class LiveRuns<S> {
  static readonly takes = ["RunStarted", "RunEnded", "Crashed"] as const
  readonly #create: (started: RunStarted) => S
  readonly #states = new Map<string, { readonly started: RunStarted; readonly state: S }>()

  constructor(create: (started: RunStarted) => S) {
    this.#create = create
  }

  /** To be called with every event, before the event is looked at for `RunStarted` and after it for the others. */
  observe(event: TraceEvent): void {
    if (event.kind === "RunStarted") this.#states.set(event.run, { started: event, state: this.#create(event) })
    else if (event.kind === "RunEnded") this.#states.delete(event.run)
    else if (event.kind === "Crashed") {
      for (const [run, { started }] of this.#states) if (started.process === event.process) this.#states.delete(run)
    }
  }

  get(run: string): S | undefined {
    return this.#states.get(run)?.state
  }

  started(run: string): RunStarted | undefined {
    return this.#states.get(run)?.started
  }

  *values(): IterableIterator<S> {
    for (const { state } of this.#states.values()) yield state
  }

  *entries(): IterableIterator<[RunStarted, S]> {
    for (const { started, state } of this.#states.values()) yield [started, state]
  }
}
