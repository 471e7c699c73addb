import type { Clock } from "../engine/clock.js"
import { type Life, never } from "./life.js"
import type { Pace } from "./pace.js"
import { stepLabel } from "./step-label.js"

/**
 * The world's clock as one life sees it: nothing that waits for it outlives the life. What it reads may be ahead or behind;
 * how long it waits is never wrong, as with the timers of an operating system.
 */
export function clockOf(life: Life, pace: Pace): Clock {
  const timer = stepLabel(life.id, "clock", "sleep", "timer")
  const woken = stepLabel(life.id, "clock", "sleep", "turn")
  const turn = stepLabel(life.id, "clock", "turn", "turn")

  return {
    now: () => pace.now() + life.clockAheadMs,
    turn: () => (life.over ? never() : new Promise((resolve) => pace.schedule(turn, life, 0, () => resolve()))),
    sleep: (ms, signal) => {
      if (life.over) return never()
      return new Promise((resolve, reject) => {
        if (!(ms > 0) || signal?.aborted) return pace.schedule(woken, life, 0, () => resolve())
        const wake = () => {
          sleeping.cancel()
          // What a listener throws is nobody's; that a step has no end is for whoever sleeps.
          try {
            pace.schedule(woken, life, 0, () => resolve())
          } catch (error) {
            reject(error)
          }
        }
        const sleeping = pace.schedule(timer, life, ms, () => {
          signal?.removeEventListener("abort", wake)
          resolve()
        })
        signal?.addEventListener("abort", wake, { once: true })
        return undefined
      })
    },
  }
}
