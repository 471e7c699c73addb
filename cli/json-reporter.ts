import type { Skipped } from "./open-stores.js"
import type { Channel } from "./output.js"
import { documentText } from "./report-document.js"
import type { ReplayedCase, Reporter } from "./reporter.js"
import type { RunOptions } from "./run-options.js"
import { version } from "./version.js"

/** Reports to a program: one JSON document on one channel, and nothing else on it. */
export function jsonReporter(out: Channel): Reporter {
  let options: RunOptions
  let skipped: readonly Skipped[]
  const replayed: ReplayedCase[] = []
  return {
    started(given, missing) {
      options = given
      skipped = missing
    },
    replayed(kept) {
      replayed.push(kept)
    },
    checking() {},
    progressed() {},
    checked() {},
    ended(results, interrupted) {
      const { store, effort, seed, strategy, shard, engine } = options
      const plan = options.plan.map(({ scenario, on }) => ({ scenario: scenario.name, on }))
      const about = { windtunnel: version, store, effort, seed, strategy, shard, plan, interrupted }
      out.write(documentText({ ...about, ...(engine !== undefined && { engine }), skipped, replayed, results }))
    },
  }
}
