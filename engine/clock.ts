/** Time as the engine sees it. Under simulation it is virtual; nothing in the engine reads any other clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `ms` milliseconds, or as soon as `signal` aborts. Never rejects. Negative and 0 mean the next turn. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Resolves after every timer, I/O callback and microtask that is due now has had its chance to run. */
  turn(): Promise<void>
}

/** The machine's clock, timers and event loop: the default wherever a `clock` may be given. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener("abort", done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener("abort", done, { once: true })
    }),
  turn: () => new Promise((resolve) => setImmediate(resolve)),
}
