import type { Life, Pending, PendingOfLife } from "./life.js"
import { type Delay, nothing } from "./pace.js"
import { ReadyQueue } from "./ready-queue.js"
import { realWork } from "./real-work.js"
import type { StepId } from "./step-id.js"
import type { StepLabel } from "./step-label.js"
import type { Chooser, ReadyStep, ReadySteps } from "./strategy.js"
import { TimerHeap } from "./timer-heap.js"
import { Turns } from "./turns.js"
import { pendingText } from "./waiting.js"

/**
 * The heart of a simulation. Everything that can happen next is a step, and all steps are here: those that may run now
 * in the ready queue, those whose time has not come in the timer heap.
 *
 * Invariants:
 * - Virtual time stands still while a step is ready. When none is, it jumps to the next due time, and all steps due
 *   then become ready in the order of due time and arrival.
 * - Steps are released one at a time, and only after everything that the one before caused without waiting (microtasks
 *   and ticks) is done. So a run is a function of its choices: one history per sequence of choices.
 * - A step belongs to a life. When the life ends its steps are gone; they are neither released nor waited for. While the
 *   life is paused its steps that are due are parked; they become ready, in the order in which they were due, when it goes on.
 * - Every operation costs at most O(log n) for n pending steps.
 */
export class Scheduler implements ReadySteps {
  readonly #ready = new ReadyQueue<Step>()
  readonly #timers = new TimerHeap<Step>()
  readonly #options: SchedulerOptions
  /** How many steps there were with each label. */
  readonly #counts = new Map<string, number>()
  #now = 0
  #arrivals = 0
  #readied = 0
  #steps = 0
  /** What the real world has under way. While there is any, nothing is released and nobody is stuck. */
  #outside = 0
  #goOn: (() => void) | undefined
  #chains = 0
  /** The chain that the next step caused by the present one goes on with. */
  #chain: number | undefined
  #last: Step | undefined
  /** When the step that became ready last of all those released did so. */
  #newest = -1

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  /** Virtual milliseconds since the beginning. */
  get now(): number {
    return this.#now
  }

  /** Steps released so far. */
  get steps(): number {
    return this.#steps
  }

  /** How many steps are ready. */
  get size(): number {
    return this.#ready.size
  }

  /** Elementary operations of the data structures so far: what the cost grows with, independent of the machine. */
  get work(): number {
    return this.#ready.work + this.#timers.work
  }

  at(index: number): ReadyStep {
    return this.#ready.at(index)
  }

  indexOf(step: ReadyStep): number {
    return step instanceof Step && step.isReady ? this.#ready.indexOf(step) : -1
  }

  /**
   * @param delay milliseconds from now, or how to find them for this step.
   * @param nth Of a step that answers another one: the number of that one. Which of several answers comes first then
   *   changes nothing for the life that waits.
   */
  add(label: StepLabel, life: Life, delay: Delay, run: (step: StepId) => void, nth?: number): Pending {
    if (life.over) return nothing
    if (nth === undefined) this.#options.touched?.(life)
    const number = nth ?? this.#count(label.text)
    const step = new Step(label, number, this.#nextChain(), life, this.#arrivals++, run, this)
    const ms = typeof delay === "number" ? delay : delay(step)
    step.due = this.#now + Math.max(0, ms)
    life.pending.add(step)
    if (step.due <= this.#now) this.#makeReady(step)
    else this.#timers.push(step)
    return step
  }

  /** Calls a step off. */
  cancel(step: Step): void {
    if (step.slot < 0 && !step.isParked) return
    this.#options.touched?.(step.life)
    if (step.isReady) this.#withdraw(step)
    if (step.isParked) step.isParked = false
    else this.#remove(step)
    step.life.pending.delete(step)
  }

  /** The life is paused: its steps that are ready wait until it goes on. */
  paused(life: Life): void {
    this.#options.touched?.(life)
    const ready = [...life.pending].filter((step) => step instanceof Step).filter(({ isReady }) => isReady)
    for (const step of ready.sort((a, b) => a.readied - b.readied)) {
      this.#withdraw(step)
      this.#remove(step)
      this.#park(step)
    }
  }

  /** A ready step will not go next. One that others overtook was held, too: else it would have happened. */
  #withdraw(step: Step): void {
    if (step.readied < this.#newest) this.#options.held(step, this.#last!)
    this.#options.chooser.gone?.(step)
  }

  #park(step: Step): void {
    step.isReady = false
    step.isParked = true
    step.life.park(() => {
      if (!step.isParked) return
      step.isParked = false
      this.#makeReady(step)
    })
  }

  #remove(step: Step): void {
    if (step.isReady) this.#ready.remove(step)
    else this.#timers.remove(step)
  }

  /**
   * Releases steps until `finished`.
   * @throws DeadlockError, RealTimeError, StepLimitError, TimeLimitError, and what the strategy throws
   */
  run(finished: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let idleTurns = 0
      /** What was under way outside when nothing was left that could happen. */
      let outside: readonly string[] = []
      const turns = new Turns(() => {
        if (this.#outside > 0) {
          turns.stop()
          this.#goOn = () => turns.start()
          return
        }
        try {
          const over = finished()
          if (idleTurns > 0 && (over || this.#hasPending())) throw new RealTimeError(this.#wokenBy(), outside)
          if (!over && this.#release()) return
          turns.stop()
          if (over) this.#noteHeld()
          if (over) resolve()
          else if (++idleTurns <= patience) {
            if (idleTurns === 1) outside = realWork()
            turns.start()
          } else throw new DeadlockError(this.#whereabouts(), outside)
        } catch (error) {
          turns.stop()
          const reason = error as Error
          reject(reason)
        }
      })
      turns.start()
    })
  }

  /** Releases nothing until the promise settles, nor takes it amiss that real time passes. */
  standStill(until: Promise<unknown>): void {
    this.#outside++
    const back = () => {
      if (--this.#outside > 0) return
      this.#goOn?.()
      this.#goOn = undefined
    }
    until.then(back, back)
  }

  /** Releases one step; false when nothing is pending. */
  #release(): boolean {
    // What is due may be parked: then time goes on.
    while (this.#ready.size === 0) if (!this.#jump()) return false
    if (this.#steps >= this.#options.maxSteps) throw new StepLimitError(this.#options.maxSteps, this.#whereabouts())
    const step = this.#ready.at(this.#ready.size === 1 ? 0 : this.#options.chooser.choose(this))
    this.#steps++
    this.#remove(step)
    step.life.pending.delete(step)
    this.#noteOrder(step)
    this.#chain = step.chain
    this.#options.chooser.released?.(step)
    this.#options.released(step.label, step.life)
    if (this.#options.strike(step, step.life)) return true
    try {
      step.run(step)
    } catch (error) {
      step.life.fail(error)
    }
    return true
  }

  /** The run is over: what others overtook was held to its end. */
  #noteHeld(): void {
    for (let index = 0; index < this.#ready.size; index++) {
      const step = this.#ready.at(index)
      if (step.readied < this.#newest) this.#options.held(step, this.#last!)
    }
  }

  /** A step that others overtook was held until the one before it had happened. */
  #noteOrder(step: Step): void {
    if (step.readied < this.#newest) this.#options.held(step, this.#last!)
    else this.#newest = step.readied
    this.#last = step
  }

  #count(label: string): number {
    const nth = (this.#counts.get(label) ?? 0) + 1
    this.#counts.set(label, nth)
    return nth
  }

  #nextChain(): number {
    const chain = this.#chain ?? this.#chains++
    this.#chain = undefined
    return chain
  }

  /** Moves virtual time to the next due step; false when there is none. */
  #jump(): boolean {
    const first = this.#timers.first
    if (first === undefined) return false
    if (first.due > this.#options.maxVirtualMs)
      throw new TimeLimitError(this.#options.maxVirtualMs, this.#whereabouts())
    this.#now = first.due
    for (let step = this.#timers.first; step?.due === this.#now; step = this.#timers.first) {
      this.#timers.remove(step)
      this.#makeReady(step)
    }
    return true
  }

  #makeReady(step: Step): void {
    if (step.life.paused) return this.#park(step)
    step.isReady = true
    step.readied = this.#readied++
    this.#ready.push(step)
    this.#options.chooser.ready?.(step)
  }

  #hasPending(): boolean {
    return this.#ready.size + this.#timers.size > 0
  }

  #wokenBy(): string {
    const step = this.#ready.size > 0 ? this.#ready.at(0) : this.#timers.first
    return step === undefined ? "the scenario ended" : `"${step.label.text}" was scheduled`
  }

  #whereabouts(): Whereabouts {
    return { now: this.#now, steps: this.#steps, waiting: this.#options.waiting() }
  }
}

export interface SchedulerOptions {
  readonly chooser: Chooser
  readonly maxSteps: number
  readonly maxVirtualMs: number
  /** Told of every step that is released. */
  readonly released: (label: StepLabel, life: Life) => void
  /** Told of every step that others overtook, and of the one right before it. */
  readonly held: (step: StepId, until: StepId) => void
  /** Asked before a step runs; true when the life was ended instead. */
  readonly strike: (step: StepId, life: Life) => boolean
  /** Told of every life for which something is scheduled or called off. */
  readonly touched?: ((life: Life) => void) | undefined
  /** Who waits for what, a line for each, for reports. */
  readonly waiting: () => string
}

/** Turns of the event loop, about a millisecond, in which real I/O may show itself before a run counts as stuck. */
const patience = 1_000

class Step implements PendingOfLife, ReadyStep {
  previous: PendingOfLife | undefined = undefined
  next: PendingOfLife | undefined = undefined
  readonly label: StepLabel
  readonly nth: number
  readonly chain: number
  readonly life: Life
  /** Virtual milliseconds. */
  due = 0
  readonly order: number
  readonly run: (step: StepId) => void
  /** When it became ready, counted in steps that did. */
  readied = -1
  /** Place in the ready queue or in the timer heap; below 0 when in neither. */
  slot = -1
  isReady = false
  /** It is due, and its life is paused. */
  isParked = false
  readonly #scheduler: Scheduler

  constructor(
    label: StepLabel,
    nth: number,
    chain: number,
    life: Life,
    order: number,
    run: (step: StepId) => void,
    scheduler: Scheduler,
  ) {
    this.label = label
    this.nth = nth
    this.chain = chain
    this.life = life
    this.order = order
    this.run = run
    this.#scheduler = scheduler
  }

  cancel(): void {
    this.#scheduler.cancel(this)
  }

  get what(): string {
    const what = pendingText(this.label)
    return this.isReady ? `${what} that is due` : `${what} at ${this.due} ms`
  }
}

interface Whereabouts {
  readonly now: number
  readonly steps: number
  readonly waiting: string
}

/** The scenario waits for something that cannot come: nothing is left that could happen. */
export class DeadlockError extends Error {
  override readonly name = "DeadlockError"
  constructor(at: Whereabouts, outside: readonly string[]) {
    super(
      `the scenario still waits, but nothing is left that could happen (${when(at)}):\n${at.waiting}\n` +
        `If something here waits for real I/O or a real timer: wrap it in a port that needs neither.${underWay(outside)}`,
    )
  }
}

/** Something outside of the simulation made the run go on, so that its seed does not determine its history. */
export class RealTimeError extends Error {
  override readonly name = "RealTimeError"
  constructor(event: string, outside: readonly string[]) {
    super(
      `nothing was left that could happen, and then ${event}: the run waited for something outside of the simulation, ` +
        `such as real I/O, a real timer or an import(). Such a run cannot be replayed.${underWay(outside)} ` +
        "What has to be awaited for real goes through world.external.",
    )
  }
}

const underWay = (outside: readonly string[]): string =>
  outside.length === 0 ? "" : ` Under way outside of it: ${outside.join(", ")}.`

/** The run did not end within `maxSteps`. */
export class StepLimitError extends Error {
  override readonly name = "StepLimitError"
  constructor(maxSteps: number, at: Whereabouts) {
    super(`the scenario did not end within maxSteps = ${maxSteps} (${when(at)}):\n${at.waiting}`)
  }
}

/** The run did not end within `maxVirtualMs`. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError"
  constructor(maxVirtualMs: number, at: Whereabouts) {
    super(`the scenario did not end within maxVirtualMs = ${maxVirtualMs} (${when(at)}):\n${at.waiting}`)
  }
}

function when({ now, steps }: Whereabouts): string {
  return `virtual time ${now} ms, ${steps} steps`
}
