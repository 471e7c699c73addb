import { messageOf } from "../engine/error-message.js"
import type { Clock } from "../engine/clock.js"
import type { Faults } from "./fault-plan.js"
import { clockOf } from "./life-clock.js"
import { Life } from "./life.js"
import { nothing, type Pace } from "./pace.js"
import type { Port } from "./port.js"
import { EndlessStepError } from "./step-budget.js"
import type { SeededRandom } from "./seeded-random.js"
import { type StepLabel, stepLabel } from "./step-label.js"
import type { Trace } from "./trace-recorder.js"
import type { Ending, PortOptions, Process, ProcessContext } from "./world.js"

/** What a process needs of its world. */
export interface Surroundings {
  readonly pace: Pace
  readonly random: SeededRandom
  readonly trace: Trace
  readonly faults: Faults
  /** The world's own life, on whose behalf restarts happen and what a crash leaves is cleaned up. */
  readonly world: Life
  readonly port: (life: Life, name: string, options: PortOptions | undefined) => Port
}

/**
 * A process and its incarnations. Invariants: at most one incarnation lives; it ends exactly once, and then its life is
 * over; only a process without a living incarnation starts another; a pause ends with its incarnation.
 */
export class DeployedProcess implements Process {
  readonly name: string
  readonly #main: (self: ProcessContext) => Promise<void>
  readonly #surroundings: Surroundings
  #incarnations = 0
  #state: Process["state"] = "running"
  #life!: Life
  #abort!: () => AbortController
  #ended!: Promise<Ending>
  #resolveEnded!: (ending: Ending) => void
  #releases: (() => void)[] = []
  #plannedRestart = nothing
  #plannedResume = nothing

  constructor(name: string, main: (self: ProcessContext) => Promise<void>, surroundings: Surroundings) {
    this.name = name
    this.#main = main
    this.#surroundings = surroundings
    this.#start()
  }

  get state(): Process["state"] {
    return this.#state
  }

  get ended(): Promise<Ending> {
    return this.#ended
  }

  get life(): Life {
    return this.#life
  }

  get paused(): boolean {
    return this.#life.paused
  }

  pause(): void {
    this.#plannedResume.cancel()
    this.#pause()
  }

  /** A pause by plan, at the given step. */
  pauseFor(ms: number, at: StepLabel): void {
    const { pace, world } = this.#surroundings
    if (!this.#pause(at, ms)) return
    const resume = stepLabel(this.#life.id, "", "", "resume")
    this.#plannedResume = pace.schedule(resume, world, ms, () => this.resume())
  }

  resume(): void {
    this.#plannedResume.cancel()
    if (!this.#life.paused) return
    this.#surroundings.trace.emit({ kind: "Resumed", process: this.#life.id })
    this.#life.resume()
  }

  #pause(at?: StepLabel, ms?: number): boolean {
    if (this.#life.over || this.#life.paused) return false
    const { faults, pace } = this.#surroundings
    faults.happened("pause", this.#life, at, ms)
    this.#life.pause()
    pace.paused(this.#life)
    return true
  }

  crash(): void {
    this.#plannedRestart.cancel()
    if (!this.#life.over) this.#crash()
  }

  /** A crash by plan, at the given step. */
  crashAndRestart(at: StepLabel, pauseMs: number): void {
    const { pace, world } = this.#surroundings
    this.#crash(at)
    this.#plannedRestart = pace.schedule(stepLabel(this.name, "", "", "restart"), world, pauseMs, () => this.#start())
  }

  /** Ends the present incarnation without a word in the trace: the world is over, nothing went wrong. */
  kill(): void {
    this.#plannedRestart.cancel()
    this.#end(this.#life, { kind: "crashed" })
  }

  stop(): void {
    this.#plannedRestart.cancel()
    if (this.#state !== "running") return
    this.#state = "stopping"
    const { pace, trace } = this.#surroundings
    const { id } = this.#life
    const controller = this.#abort
    pace.schedule(stepLabel(id, "", "", "signal"), this.#life, 0, () => {
      trace.emit({ kind: "AbortRequested", process: id })
      controller().abort()
    })
  }

  restart(): void {
    if (!this.#life.over)
      throw new Error(
        `process "${this.name}" is ${this.#state}: only one that crashed, ended or failed can be restarted`,
      )
    this.#plannedRestart.cancel()
    this.#start()
  }

  #crash(at?: StepLabel): void {
    const { faults, trace } = this.#surroundings
    const life = this.#life
    faults.happened("crash", life, at)
    trace.emit({ kind: "Crashed", process: life.id })
    this.#end(life, { kind: "crashed" })
  }

  /** What a callback throws that nobody waits for ends a process, and so does a promise that is rejected and has no handler. */
  #uncaught(life: Life, error: unknown): void {
    // A step without end has failed the whole run already, and would be without end for the trace too.
    if (life.over || error instanceof EndlessStepError) return
    const message = messageOf(error)
    this.#surroundings.trace.emit({ kind: "Crashed", process: life.id, error: message })
    this.#end(life, { kind: "failed", error })
  }

  #start(): void {
    const id = `${this.name}#${++this.#incarnations}`
    const life: Life = new Life(this.name, id, (error) => this.#uncaught(life, error))
    this.#life = life
    this.#abort = lazily(() => new AbortController())
    this.#state = "running"
    this.#releases = []
    this.#ended = new Promise((resolve) => (this.#resolveEnded = resolve))
    const context = new Context(this.name, life, this.#surroundings, this.#abort, this.#releases)
    const run = async () => this.#main(context)
    const label = stepLabel(id, "", "", "start")
    this.#skewClock(life, label)
    this.#surroundings.pace.schedule(label, life, 0, () => {
      run().then(
        () => this.#end(life, { kind: "ok" }),
        (error: unknown) => this.#end(life, { kind: "failed", error }),
      )
    })
  }

  #skewClock(life: Life, label: StepLabel): void {
    const { faults } = this.#surroundings
    life.clockAheadMs = faults.clockSkew({ label, nth: 1 }, life)
    if (life.clockAheadMs !== 0) faults.happened("clockSkew", life, undefined, life.clockAheadMs)
  }

  #end(life: Life, ending: Ending): void {
    if (life.over) return
    const { pace, world } = this.#surroundings
    this.#plannedResume.cancel()
    life.end()
    this.#state = ending.kind === "ok" ? "ended" : ending.kind
    if (ending.kind !== "ok")
      for (const release of this.#releases)
        pace.schedule(stepLabel(life.id, "", "", "release"), world, (step) => pace.latency(step), release)
    this.#resolveEnded(ending)
  }
}

/**
 * What an incarnation gets of its world. A class, and its functions are initial values of fields, for the sake of memory: V8
 * gives every object literal with a getter a hidden class of its own, and allocates functions that are assigned to a property
 * in its old generation. Both keep the whole run until the next full collection.
 */
class Context implements ProcessContext {
  readonly name: string
  readonly id: string
  readonly clock: Clock
  readonly random: SeededRandom
  readonly #life: Life
  readonly #surroundings: Surroundings
  readonly #abort: () => AbortController
  readonly #releases: (() => void)[]

  readonly trace: ProcessContext["trace"] = {
    emit: (happening) => (this.#life.over ? undefined : this.#surroundings.trace.emit(happening)),
  }
  readonly port: ProcessContext["port"] = (name, object, options) =>
    this.#surroundings.port(this.#life, name, options).wrap(object)
  readonly strikes: ProcessContext["strikes"] = (fault, at) =>
    this.#surroundings.faults.strikesAt(fault, at, this.#life)
  readonly onCrash: ProcessContext["onCrash"] = (release) => {
    if (!this.#life.over) this.#releases.push(release)
  }

  constructor(
    name: string,
    life: Life,
    surroundings: Surroundings,
    abort: () => AbortController,
    releases: (() => void)[],
  ) {
    this.name = name
    this.id = life.id
    this.clock = clockOf(life, surroundings.pace)
    this.random = surroundings.random.fork(life.id)
    this.#life = life
    this.#surroundings = surroundings
    this.#abort = abort
    this.#releases = releases
  }

  get signal(): AbortSignal {
    return this.#abort().signal
  }
}

/** Made when first asked for: an abort controller costs as much as several steps, and few processes look at their signal. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
