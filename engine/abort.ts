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

/** What `work` comes to; undefined when the signal aborts and `work` has not ended `ms` milliseconds later. */
export function untilAbandoned<T>(
  work: Promise<T>,
  signal: AbortSignal,
  ms: number,
  clock: Clock,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    let timer: AbortController | undefined
    const onAbort = () => {
      timer = new AbortController()
      void clock.sleep(ms, timer.signal).then(() => resolve(undefined))
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener("abort", onAbort, once)
    const over = () => {
      signal.removeEventListener("abort", onAbort)
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

const once = { once: true }
