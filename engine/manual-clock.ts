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
  async settle(turns = 200): Promise<void> {
    for (let i = 0; i < turns; i++) await systemClock.turn()
  }

  /** Moves on by `ms`, firing sleeps in order of their due times. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await this.settle()
    for (;;) {
      const due = Math.min(...this.#timers.map((timer) => timer.due))
      if (due > until) break
      this.#now = Math.max(this.#now, due)
      for (const timer of this.#timers.filter((candidate) => candidate.due <= this.#now)) timer.fire()
      await this.settle(20)
    }
    await this.settle()
    this.#now = until
  }
}
