import { setMaxListeners } from "node:events"
import type { Clock } from "./clock.js"

/** An abort controller that follows a signal until it is released, so that nothing is left on the caller's signal. */
export function follow(signal: AbortSignal): { controller: AbortController; release: () => void } {
  const controller = new AbortController()
  // As many listen as there are tranches; each is taken off again, so their number is no sign of a leak.
  setMaxListeners(0, controller.signal)
  const onAbort = () => controller.abort(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener("abort", onAbort, { once: true })
  return { controller, release: () => signal.removeEventListener("abort", onAbort) }
}

/**
 * Waits for one thing after another, and gives each up when the signal has aborted and so many milliseconds have passed
 * since then. One listener for all of them: to add one and to take it off again costs more than many a thing takes.
 */
export class Patience {
  readonly #signal: AbortSignal
  readonly #ms: number
  readonly #clock: Clock
  readonly #onAbort = () => this.#giveUp?.()
  /** Of what is waited for. */
  #giveUp: (() => void) | undefined

  constructor(signal: AbortSignal, ms: number, clock: Clock) {
    this.#signal = signal
    this.#ms = ms
    this.#clock = clock
    if (!signal.aborted) signal.addEventListener("abort", this.#onAbort)
  }

  /** What `work` comes to; undefined when it is given up. To be called only when nothing else is waited for. */
  wait<T>(work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      let timer: AbortController | undefined
      const giveUp = () => {
        timer = new AbortController()
        void this.#clock.sleep(this.#ms, timer.signal).then(() => resolve(undefined))
      }
      if (this.#signal.aborted) giveUp()
      else this.#giveUp = giveUp
      const over = () => {
        this.#giveUp = undefined
        timer?.abort()
      }
      work.then(
        (value) => {
          over()
          resolve(value)
        },
        (error: unknown) => {
          over()
          reject(error)
        },
      )
    })
  }

  /** Leaves nothing on the signal. */
  end(): void {
    this.#signal.removeEventListener("abort", this.#onAbort)
  }
}

/** What `work` comes to; undefined when the signal aborts and `work` has not ended `ms` milliseconds later. */
export function untilAbandoned<T>(
  work: Promise<T>,
  signal: AbortSignal,
  ms: number,
  clock: Clock,
): Promise<T | undefined> {
  const patience = new Patience(signal, ms, clock)
  return patience.wait(work).finally(() => patience.end())
}

/** Whether what was waited for ended because the signal aborted, which is no failure. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === "AbortError"))
}
