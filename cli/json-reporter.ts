import type { Skipped } from "./open-stores.js"
import type { Channel } from "./output.js"
import type { ReplayedCase, Reporter } from "./reporter.js"

/** Reports to a program: one JSON document on one channel, and nothing else on it. */
export function jsonReporter(out: Channel): Reporter {
  let skipped: readonly Skipped[] = []
  const replayed: ReplayedCase[] = []
  return {
    started(_options, missing) {
      skipped = missing
    },
    replayed(kept) {
      replayed.push(kept)
    },
    checking() {},
    progressed() {},
    checked() {},
    ended(results) {
      out.write(`${JSON.stringify({ version: 1, skipped, replayed, results }, undefined, 2)}\n`)
    },
  }
}
