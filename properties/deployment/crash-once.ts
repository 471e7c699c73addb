import fc from "fast-check"
import type { Process, World } from "../../sim/world.js"

/** One crash: when, in milliseconds from the beginning, and how long until the process is started again. */
export interface Crash {
  readonly afterMs: number
  readonly pauseMs: number
}

/** A crash within so many milliseconds; in one of ten runs, and at last when it is made smaller, none. */
export const crashWithin = (mostMs: number): fc.Arbitrary<Crash | null> =>
  fc.option(fc.record({ afterMs: fc.integer({ min: 0, max: mostMs }), pauseMs: fc.integer({ min: 1, max: 60 }) }), {
    freq: 9,
  })

/** Crashes a process once and starts it again: trouble that a run meets also where it meets only one, on a real store. */
export async function crashOnce({ clock }: World, process: Process, crash: Crash | null): Promise<void> {
  if (crash === null) return
  await clock.sleep(crash.afterMs)
  if (process.state === "running") process.crash()
  await clock.sleep(crash.pauseMs)
  if (process.state === "crashed") process.restart()
}
