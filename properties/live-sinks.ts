import type { TraceEvent } from "../sim/trace.js"
import { type RunStarted, LiveRuns } from "./live-runs.js"

/**
 * State that is kept for each sink while one of the runs that feed it lives. A sink that serves several tranches has
 * one state for all of them: for what happens inside a run, the run is then the sink.
 */
export class LiveSinks<S> {
  static readonly takes = LiveRuns.takes
  readonly #create: (started: RunStarted) => S
  readonly #sinks = new Map<string, { readonly state: S; runs: number }>()
  readonly #runs: LiveRuns<string>

  constructor(create: (started: RunStarted) => S) {
    this.#create = create
    this.#runs = new LiveRuns((started) => started.sink)
  }

  observe(event: TraceEvent): void {
    if (event.kind === "RunStarted") this.#start(event)
    else if (event.kind === "RunEnded") this.#end(this.#runs.get(event.run))
    else if (event.kind === "Crashed") {
      for (const [started, sink] of this.#runs.entries()) if (started.process === event.process) this.#end(sink)
    }
    this.#runs.observe(event)
  }

  get(sink: string): S | undefined {
    return this.#sinks.get(sink)?.state
  }

  ofRun(run: string): S | undefined {
    const sink = this.#runs.get(run)
    return sink === undefined ? undefined : this.get(sink)
  }

  started(run: string): RunStarted | undefined {
    return this.#runs.started(run)
  }

  *entries(): IterableIterator<[string, S]> {
    for (const [sink, { state }] of this.#sinks) yield [sink, state]
  }

  #start(started: RunStarted): void {
    const life = this.#sinks.get(started.sink)
    if (life === undefined) this.#sinks.set(started.sink, { state: this.#create(started), runs: 1 })
    else life.runs++
  }

  #end(sink: string | undefined): void {
    if (sink === undefined) return
    const life = this.#sinks.get(sink)
    if (life !== undefined && --life.runs === 0) this.#sinks.delete(sink)
  }
}
