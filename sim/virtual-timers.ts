/*
 * The timers of code inside of a simulation: to that code like Node's, in truth steps of the life that set them, in
 * virtual time.
 *
 * Invariants: for each timer at most one step is pending; one that was cleared never fires, and `refresh` does not bring
 * it back. A timer is kept by its number from when somebody asked for the number until it fires or is cleared, and no
 * longer than its life. Callbacks run in the async context in which the timer was set, as in Node.
 */
import { AsyncResource } from "node:async_hooks"
import type { Inside } from "./inside.js"
import type { Life, Pending } from "./life.js"
import { nothing } from "./pace.js"
import { type StepLabel, stepLabel } from "./step-label.js"

/** What `setTimeout`, `setInterval` and `setImmediate` answer in a virtual run. */
export class VirtualTimer {
  /** Node's own `clearImmediate`, called once the run is over, would else take it out of a queue that it is not in. */
  readonly _destroyed = true
  readonly #here: Inside
  readonly #label: StepLabel
  readonly #ms: number
  readonly #repeats: boolean
  readonly #fire: () => void
  #pending: Pending = nothing
  #cleared = false
  #refed = true
  #number: number | undefined

  constructor(here: Inside, operation: string, ms: number, repeats: boolean, fire: (timer: VirtualTimer) => void) {
    this.#here = here
    this.#label = stepLabel(here.life.id, "timers", operation, "timer")
    this.#ms = ms
    this.#repeats = repeats
    this.#fire = AsyncResource.bind(() => fire(this))
    this.#schedule()
  }

  clear(): void {
    this.#cleared = true
    this.#pending.cancel()
    this.#forget()
  }

  /** Begins anew, also when it has fired. */
  refresh(): this {
    if (this.#cleared) return this
    this.#pending.cancel()
    this.#schedule()
    return this
  }

  close(): this {
    this.clear()
    return this
  }

  [Symbol.dispose](): void {
    this.clear()
  }

  /** A run does not wait for timers, so this has no effect but on `hasRef`. */
  ref(): this {
    this.#refed = true
    return this
  }

  /** As {@link ref}. */
  unref(): this {
    this.#refed = false
    return this
  }

  hasRef(): boolean {
    return this.#refed
  }

  /** Its number, by which it can be cleared: the same in every run of a seed. */
  [Symbol.toPrimitive](): number {
    const numbers = numbersOf(this.#here.life)
    this.#number ??= ++numbers.last
    if (this.#pending !== nothing) numbers.timers.set(this.#number, this)
    return this.#number
  }

  #schedule(): void {
    const { pace, life } = this.#here
    this.#pending = pace.schedule(this.#label, life, this.#ms, () => {
      if (this.#repeats) this.#schedule()
      else this.#forget()
      this.#fire()
    })
    if (this.#number !== undefined) numbersOf(life).timers.set(this.#number, this)
  }

  #forget(): void {
    this.#pending = nothing
    if (this.#number !== undefined) numbersOf(this.#here.life).timers.delete(this.#number)
  }
}

interface Numbers {
  last: number
  readonly timers: Map<number, VirtualTimer>
}

const numbers = new WeakMap<Life, Numbers>()

function numbersOf(life: Life): Numbers {
  const known = numbers.get(life) ?? { last: 0, timers: new Map() }
  numbers.set(life, known)
  return known
}

/** The timer that `clearTimeout` and its like are given: itself, or its number. */
export function timerOf(here: Inside | undefined, timer: unknown): VirtualTimer | undefined {
  if (timer instanceof VirtualTimer) return timer
  if (here === undefined || (typeof timer !== "number" && typeof timer !== "string")) return undefined
  return numbers.get(here.life)?.timers.get(Number(timer))
}

/** The delay that Node makes of a number: whole milliseconds, and 1 where it is less than 1 or more than 2³¹ − 1. */
export function delayOf(ms: unknown): number {
  const given = Number(ms)
  return given >= 1 && given < 2 ** 31 ? Math.trunc(given) : 1
}

/** `setTimeout` and, with a delay of 0, `setImmediate` of `timers/promises`. */
export function sleep<T>(here: Inside, operation: string, ms: number, value: T, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal))
    const timer = new VirtualTimer(here, operation, ms, false, () => {
      signal?.removeEventListener("abort", abort)
      resolve(value)
    })
    const abort = () => {
      timer.clear()
      reject(abortError(signal!))
    }
    signal?.addEventListener("abort", abort, { once: true })
    return undefined
  })
}

/** `setInterval` of `timers/promises`: ticks that come while nobody asks for one are counted, not lost. */
export async function* ticks<T>(here: Inside, ms: number, value: T, signal?: AbortSignal): AsyncGenerator<T> {
  if (signal?.aborted) throw abortError(signal)
  let due = 0
  let wake = () => {}
  const timer = new VirtualTimer(here, "setInterval", ms, true, () => {
    due++
    wake()
  })
  const abort = () => {
    timer.clear()
    wake()
  }
  signal?.addEventListener("abort", abort, { once: true })
  try {
    for (;;) {
      for (; due > 0; due--) yield value
      if (signal?.aborted) throw abortError(signal)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  } finally {
    timer.clear()
    signal?.removeEventListener("abort", abort)
  }
}

const abortError = ({ reason }: AbortSignal) =>
  Object.assign(new Error("The operation was aborted", { cause: reason }), { name: "AbortError", code: "ABORT_ERR" })
