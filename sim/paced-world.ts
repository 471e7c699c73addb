import type { Clock } from "../engine/clock.js"
import { InvalidOptionError } from "../engine/options.js"
import type { DecisionLog } from "./decision-log.js"
import { type FaultDecider, Faults } from "./fault-plan.js"
import { inside } from "./inside.js"
import { clockOf } from "./life-clock.js"
import { Life } from "./life.js"
import { everything, type Pace } from "./pace.js"
import { Port } from "./port.js"
import { DeployedProcess } from "./process.js"
import type { SeededRandom } from "./seeded-random.js"
import type { StepId } from "./step-id.js"
import type { Trace } from "./trace-recorder.js"
import { type Waiting, waitingOf } from "./waiting.js"
import type { FaultPlace, FaultPlan, PortOptions, Process, ProcessContext, World } from "./world.js"

/** What a world is made of. */
export interface Making {
  readonly kind: World["kind"]
  readonly pace: Pace
  readonly random: SeededRandom
  readonly trace: Trace
  /** Gets what a callback that belongs to no process throws. */
  readonly failed: (error: unknown) => void
  readonly log?: DecisionLog | undefined
  /** Instead of chance, where faults are concerned. */
  readonly script?: FaultDecider | undefined
}

/** What simulated and real worlds have in common: everything but what makes things happen. */
export class PacedWorld implements World {
  readonly kind: World["kind"]
  readonly clock: Clock
  readonly random: SeededRandom
  readonly trace: Trace
  readonly faults: Faults
  readonly #pace: Pace
  /** The life of all that belongs to no process. */
  readonly life: Life
  readonly #processes = new Map<string, DeployedProcess>()

  constructor({ kind, pace, random, trace, failed, log, script }: Making) {
    this.kind = kind
    this.random = random
    this.trace = trace
    this.#pace = pace
    this.life = new Life(undefined, "world", failed)
    this.clock = clockOf(this.life, pace)
    this.faults = new Faults({ random: random.fork("world").fork("faults"), trace, log, script })
  }

  process(name: string, main: (self: ProcessContext) => Promise<void>): Process {
    if (typeof name !== "string" || name === "" || this.#processes.has(name))
      throw new InvalidOptionError("world.process", "name", name, "a non-empty name that no other process has")
    const process = new DeployedProcess(name, main, {
      pace: this.#pace,
      random: this.random.fork("processes"),
      trace: this.trace,
      faults: this.faults,
      world: this.life,
      port: (life, name, options) => this.#portOf(life, name, options),
    })
    this.#processes.set(name, process)
    return process
  }

  port<T extends object>(name: string, object: T, options?: PortOptions): T {
    return this.#portOf(this.life, name, options).wrap(object)
  }

  strikes(fault: string, at: FaultPlace): boolean {
    return this.faults.strikesAt(fault, at, this.life)
  }

  external<T>(run: () => Promise<T>): Promise<T> {
    // What it uses is the real world's, for real, and so is what lets the simulation go on after it.
    return inside.exit(() => {
      const result = run()
      this.#pace.standStill(result)
      return result
    })
  }

  fault(plan: FaultPlan): () => void {
    this.#pace.touched?.(everything)
    const end = this.faults.add(plan)
    return () => {
      this.#pace.touched?.(everything)
      end()
    }
  }

  heal(): void {
    this.#pace.touched?.(everything)
    this.faults.heal()
  }

  /** Gives plans that strike processes their chance at a yield point; true when the life was ended. */
  strike(step: StepId, life: Life): boolean {
    if (this.faults.areOver) return false
    const restartMs = this.faults.crash(step, life)
    if (restartMs !== undefined) {
      this.#processes.get(life.process!)!.crashAndRestart(step.label, restartMs)
      return true
    }
    const jumpMs = this.faults.clockJump(step, life)
    if (jumpMs !== undefined) {
      life.clockAheadMs += jumpMs
      this.faults.happened("clockJump", life, step.label, jumpMs)
    }
    const pauseMs = this.faults.pause(step, life)
    if (pauseMs !== undefined) this.#processes.get(life.process!)!.pauseFor(pauseMs, step.label)
    return false
  }

  #portOf(life: Life, name: string, options: PortOptions | undefined): Port {
    return new Port({ name, life, world: this.life, pace: this.#pace, faults: this.faults, options })
  }

  /** The lives that are not over, the world's first. */
  lives(): readonly Life[] {
    return [this.life, ...[...this.#processes.values()].map((process) => process.life)].filter((life) => !life.over)
  }

  waiting(): readonly Waiting[] {
    return this.lives().map((life) => waitingOf(life, this.#pace.now()))
  }

  /** Kills every process that lives, which is no fault; their cleanups are scheduled. */
  killAll(): void {
    for (const process of this.#processes.values()) process.kill()
  }

  /** Ends every life. Nothing that they wait for comes any more. */
  end(): void {
    for (const life of this.lives()) life.end()
  }
}
