import type { Clock } from "../engine/clock.js"

/** A clock whose sleeps are counted while they last, and told of when they were as long as they should be. */
export class ObservedClock implements Clock {
  readonly #clock: Clock
  readonly #slept: (ms: number) => void
  readonly #sleepers = new Set<{ readonly signal: AbortSignal | undefined }>()

  constructor(clock: Clock, slept: (ms: number) => void = () => undefined) {
    this.#clock = clock
    this.#slept = slept
  }

  now(): number {
    return this.#clock.now()
  }

  turn(): Promise<void> {
    return this.#clock.turn()
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const sleeper = { signal }
    this.#sleepers.add(sleeper)
    await this.#clock.sleep(ms, signal)
    this.#sleepers.delete(sleeper)
    if (signal?.aborted !== true) this.#slept(ms)
  }

  /** Timers that run: of sleeps that are not over, and that nobody called off. */
  get timers(): number {
    let timers = 0
    for (const { signal } of this.#sleepers) if (signal?.aborted !== true) timers++
    return timers
  }
}
