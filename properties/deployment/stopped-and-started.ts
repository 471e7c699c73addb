import type { Clock } from "../../engine/clock.js"
import type { Process } from "../../sim/world.js"

/** How long after the one before it a stop is asked for, and how long after its end the process is started again. */
export interface Stop {
  readonly afterMs: number
  readonly pauseMs: number
}

/** Asks a process to stop, waits for its end and starts it again, time after time. */
export async function stoppedAndStarted(clock: Clock, process: Process, stops: readonly Stop[]): Promise<void> {
  for (const { afterMs, pauseMs } of stops) {
    await clock.sleep(afterMs)
    process.stop()
    await process.ended
    await clock.sleep(pauseMs)
    // Where it crashed meanwhile, it may have been started again already.
    if (process.state !== "running") process.restart()
  }
}
