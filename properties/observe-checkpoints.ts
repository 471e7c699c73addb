import type { ICheckpoints } from "../engine/checkpoints.js"
import { type ConsumerTrace, messageOf } from "./consumer-trace.js"

/** Checkpoints whose loads and writes appear in the trace, as their client sees them. */
export function observeCheckpoints(checkpoints: ICheckpoints, trace: ConsumerTrace): ICheckpoints {
  return {
    load: async (group, tranche, establishOrigin) => {
      try {
        const position = await checkpoints.load(group, tranche, establishOrigin)
        trace.loaded(group, tranche, position)
        return position
      } catch (error) {
        trace.readFailed(tranche, "position", error)
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
