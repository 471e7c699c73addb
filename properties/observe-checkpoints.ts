import type { ICheckpoints } from "../engine/checkpoints.js"
import type { FailureClass } from "../engine/source/read-failure.js"
import { messageOf } from "../engine/error-message.js"
import { type ConsumerTrace } from "./consumer-trace.js"

/**
 * Checkpoints whose loads and writes appear in the trace, as their client sees them.
 * @param classify what is to be thought of a load that failed. Default: it is permanent.
 */
export function observeCheckpoints(
  checkpoints: ICheckpoints,
  trace: ConsumerTrace,
  classify: (error: unknown) => FailureClass = () => "permanent",
): ICheckpoints {
  return {
    load: async (group, tranche, establishOrigin) => {
      try {
        const position = await checkpoints.load(group, tranche, establishOrigin)
        trace.loaded(group, tranche, position)
        return position
      } catch (error) {
        trace.readFailed(tranche, "position", error, classify(error))
        throw error
      }
    },
    commit: async (group, tranche, position) => {
      const run = trace.runOf(tranche)
      if (run === undefined) return checkpoints.commit(group, tranche, position)
      const write = { run, group, tranche, position }
      trace.emit({ kind: "CommitStarted", ...write })
      try {
        const stored = await checkpoints.commit(group, tranche, position)
        trace.emit({ kind: "CommitDone", ...write, ...(typeof stored === "bigint" ? { stored } : {}) })
        return stored
      } catch (error) {
        trace.emit({ kind: "CommitFailed", ...write, error: messageOf(error) })
        throw error
      }
    },
  }
}
