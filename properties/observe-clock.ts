import type { Clock } from "../engine/clock.js"

/** Asked when a sleep begins; what it answers is called when the sleep was as long as it should be. */
export type OnSleep = (ms: number) => (() => void) | undefined

/** A clock whose sleeps are counted while they last, and told of. */
export class ObservedClock implements Clock {
  readonly #clock: Clock
  readonly #onSleep: OnSleep
  readonly #sleepers = new Set<{ readonly signal: AbortSignal | undefined }>()

  constructor(clock: Clock, onSleep: OnSleep = () => undefined) {
    this.#clock = clock
    this.#onSleep = onSleep
  }

  now(): number {
    return this.#clock.now()
  }

  turn(): Promise<void> {
    return this.#clock.turn()
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const slept = this.#onSleep(ms)
    const sleeper = { signal }
    this.#sleepers.add(sleeper)
    await this.#clock.sleep(ms, signal)
    this.#sleepers.delete(sleeper)
    if (signal?.aborted !== true) slept?.()
  }

  /** Timers that run: of sleeps that are not over, and that nobody called off. */
  get timers(): number {
    let timers = 0
    for (const { signal } of this.#sleepers) if (signal?.aborted !== true) timers++
    return timers
  }
}
