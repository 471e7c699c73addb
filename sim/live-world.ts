import { type Clock, systemClock } from "../engine/clock.js"
import { checkOptions, fn, has, InvalidOptionError, optional } from "../engine/options.js"
import type { Life, Pending, PendingOfLife } from "./life.js"
import { type Delay, nothing, type Pace } from "./pace.js"
import { PacedWorld } from "./paced-world.js"
import { seededRandom } from "./seeded-random.js"
import type { StepId } from "./step-id.js"
import type { StepLabel } from "./step-label.js"
import { TraceRecorder } from "./trace-recorder.js"
import { pendingText } from "./waiting.js"
import type { World } from "./world.js"

export interface LiveWorldOptions {
  /** What `world.random` and all faults are drawn from. */
  readonly seed: string | number
  /** Default: the machine's clock. */
  readonly clock?: Clock
  /** Gets what a callback that belongs to no process throws, e.g. a cleanup. Default: it becomes an uncaught exception. */
  readonly onError?: (error: unknown) => void
}

/** A world in real time. It has to be closed. */
export interface LiveWorld extends World {
  /** How many faults there were so far, by kind. */
  readonly faultCounts: Readonly<Record<string, number>>
  /** Kills every process; what a crash would clean up is cleaned up. No timer or call of the world is left. */
  close(): void
}

/**
 * A world over the machine's clock and real stores. Calls pass through ports directly, in the order that the event loop
 * gives them; yet incarnations die as in simulation: a call that a crashed process waits for never returns, and none of
 * its later calls reaches the object. Faults strike at ports and are drawn from the seed by each process's own count of
 * calls, so that with the same seed the same call is hit as far as a process makes the same calls.
 *
 * @throws InvalidOptionError
 */
export function liveWorld(options: LiveWorldOptions): LiveWorld {
  checkOptions("liveWorld", { clock: optional(has("now", "sleep", "turn")), onError: optional(fn) }, options)
  if (typeof options.seed !== "string" && !Number.isFinite(options.seed))
    throw new InvalidOptionError("liveWorld", "seed", options.seed, "a string or a finite number")
  const clock = options.clock ?? systemClock
  const began = clock.now()
  const turns = new EventLoopTurns(clock)
  const trace = new TraceRecorder(
    () => clock.now() - began,
    () => turns.count,
  )
  const fail = options.onError ?? uncaught
  const pace = new RealPace(clock, (step, life) => world.strike(step, life))
  const random = seededRandom(options.seed)
  const world: RealWorld = new RealWorld({ kind: "real", pace, random, trace, failed: fail })
  return world
}

function uncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

/** Counts the turns in which somebody asks for their number. */
class EventLoopTurns {
  readonly #clock: Clock
  #count = 0
  #isAwaited = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get count(): number {
    if (!this.#isAwaited) void this.#await()
    return this.#count
  }

  async #await(): Promise<void> {
    this.#isAwaited = true
    await this.#clock.turn()
    this.#isAwaited = false
    this.#count++
  }
}

class RealWorld extends PacedWorld implements LiveWorld {
  get faultCounts(): Readonly<Record<string, number>> {
    return this.faults.counts
  }

  close(): void {
    this.heal()
    this.killAll()
    this.end()
  }
}

/** Things happen when the machine makes them happen. What need not wait happens at once. */
class RealPace implements Pace {
  readonly #clock: Clock
  readonly #strike: (step: StepId, life: Life) => boolean

  constructor(clock: Clock, strike: (step: StepId, life: Life) => boolean) {
    this.#clock = clock
    this.#strike = strike
  }

  now(): number {
    return this.#clock.now()
  }

  standStill(): void {}

  paused(): void {}

  latency(): number {
    return 0
  }

  schedule(label: StepLabel, life: Life, delay: Delay, run: (step: StepId) => void): Pending {
    if (life.over) return nothing
    // Real steps are not told apart: nobody can make them happen again.
    const step = { label, nth: 0 }
    const ms = typeof delay === "number" ? delay : delay(step)
    if (ms > 0)
      return this.#after(
        label,
        life,
        (signal) => this.#clock.sleep(ms, signal),
        () => this.#run(step, life, run),
      )
    if (label.phase === "start" || label.phase === "turn")
      return this.#after(
        label,
        life,
        () => this.#clock.turn(),
        () => this.#run(step, life, run),
      )
    this.#run(step, life, run)
    return nothing
  }

  #after(label: StepLabel, life: Life, wait: (signal: AbortSignal) => Promise<void>, run: () => void): Pending {
    const controller = new AbortController()
    const pending: PendingOfLife = {
      previous: undefined,
      next: undefined,
      get what() {
        return pendingText(label)
      },
      cancel: () => {
        life.pending.delete(pending)
        controller.abort()
      },
    }
    life.pending.add(pending)
    void wait(controller.signal).then(() => {
      if (!life.pending.delete(pending)) return
      run()
    })
    return pending
  }

  #run(step: StepId, life: Life, run: (step: StepId) => void): void {
    if (life.over) return
    if (life.paused) return life.park(() => this.#run(step, life, run))
    const { port } = step.label
    if (port !== "clock" && port !== "" && this.#strike(step, life)) return
    try {
      run(step)
    } catch (error) {
      life.fail(error)
    }
  }
}
