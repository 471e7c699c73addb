import type { Clock } from "./clock.js"
import { systemClock } from "./clock.js"

interface Timer {
  readonly due: number
  readonly fire: () => void
}

/** A clock that moves only when told, for tests of one component: no waiting, and no dependence on the machine. */
export class ManualClock implements Clock {
  #now: number
  #timers: Timer[] = []

  constructor(now = 0) {
    this.#now = now
  }

  /** How many sleeps have not ended. */
  get sleeping(): number {
    return this.#timers.length
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const timer: Timer = {
        due: this.#now + ms,
        fire: () => {
          this.#timers = this.#timers.filter((other) => other !== timer)
          signal?.removeEventListener("abort", timer.fire)
          resolve()
        },
      }
      signal?.addEventListener("abort", timer.fire, { once: true })
      this.#timers.push(timer)
    })
  }

  turn(): Promise<void> {
    return systemClock.turn()
  }

  /** Lets everything happen that needs no time to pass. */
  async settle(): Promise<void> {
    for (let i = 0; i < 200; i++) await systemClock.turn()
  }

  /** Moves on by `ms`, firing sleeps in order of their due times. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await this.settle()
    for (;;) {
      const next = this.#timers.filter((timer) => timer.due <= until).toSorted((a, b) => a.due - b.due)[0]
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.due)
      next.fire()
      await this.settle()
    }
    this.#now = until
  }
}
