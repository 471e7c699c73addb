import type { ProcessContext } from "../../sim/world.js"

/** A stage of any store: each has options of its own for its consumers. */
interface Consuming<Options> {
  consume(self: ProcessContext, options: Options): Promise<void>
}

const firstPauseMs = 5
const longestPauseMs = 200

/**
 * Runs a consumer as a service host does: when it fails, it is started again inside the same process, after a pause
 * that doubles with every failure. Ends when the process is asked to.
 */
export async function host<Options>(stage: Consuming<Options>, self: ProcessContext, options: Options): Promise<void> {
  let pauseMs = firstPauseMs
  while (!self.signal.aborted) {
    try {
      await stage.consume(self, options)
    } catch {
      // The failure is in the trace, where the properties see it.
      await self.clock.sleep(pauseMs, self.signal)
      pauseMs = Math.min(2 * pauseMs, longestPauseMs)
    }
  }
}
