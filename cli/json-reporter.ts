import type { Channel } from "./output.js"
import type { Reporter } from "./reporter.js"

/** Reports to a program: one JSON document on one channel, and nothing else on it. */
export const jsonReporter = (out: Channel): Reporter => ({
  started() {},
  checking() {},
  progressed() {},
  checked() {},
  ended(results) {
    out.write(`${JSON.stringify({ version: 1, results }, undefined, 2)}\n`)
  },
})
