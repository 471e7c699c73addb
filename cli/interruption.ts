import type { Channel } from "./output.js"
import { exitCode } from "./exit-code.js"

/**
 * Ctrl-C and SIGTERM as a signal that can be waited for: the first one asks for a clean stop, the second one ends the
 * process at once (an embedded server notices that and stops by itself).
 */
export interface Interruption {
  readonly signal: AbortSignal
  /** Stops listening. */
  release(): void
}

const signals = ["SIGINT", "SIGTERM"] as const

export function listenForInterruption(log: Channel): Interruption {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted)
    controller.abort()
    log.write("\nStopping after the present run; once more to end at once.\n")
  }
  for (const name of signals) process.on(name, interrupt)
  return {
    signal: controller.signal,
    release: () => {
      for (const name of signals) process.off(name, interrupt)
    },
  }
}
