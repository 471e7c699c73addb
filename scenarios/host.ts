import type { ConsumerOptions, Stage } from "../properties/scenario.js"
import type { ProcessContext } from "../sim/world.js"

const firstPauseMs = 5
const longestPauseMs = 200

/**
 * Runs a consumer as a service host does: when it fails, it is started again inside the same process, after a pause
 * that doubles with every failure. Ends when the process is asked to.
 */
export async function host(stage: Stage, self: ProcessContext, options: ConsumerOptions): Promise<void> {
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
