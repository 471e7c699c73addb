import { boundedConcurrency } from "../bounded-concurrency.js"
import { boundedReadAhead } from "../bounded-read-ahead.js"
import { comesToRest } from "../comes-to-rest.js"
import { completionInOrder } from "../completion-in-order.js"
import { completionIsEarned } from "../completion-is-earned.js"
import { noRepeatInsideRun } from "../no-repeat-inside-run.js"
import { noSkipInsideRun } from "../no-skip-inside-run.js"
import { oneCallPerStream } from "../one-call-per-stream.js"
import { orderWithinStream } from "../order-within-stream.js"
import { stopsInOrder } from "../stops-in-order.js"
import { wellFormedSpan } from "../well-formed-span.js"
import { rulesOf } from "./rule.js"

/** What admits pages, calls handlers and completes pages, fed by a source of the kit's. */
export const sinkRules = rulesOf("sink", "SNK", [
  { n: 1, runs: true },
  { n: 2, of: orderWithinStream },
  { n: 3, of: oneCallPerStream },
  { n: 4, of: wellFormedSpan },
  { n: 5, of: noRepeatInsideRun },
  { n: 6, of: noSkipInsideRun },
  { n: 7, of: completionIsEarned },
  { n: 8, of: completionInOrder },
  { n: 9, of: boundedConcurrency, needs: ["concurrency"] },
  { n: 10, of: boundedReadAhead, needs: ["read-ahead"] },
  { n: 11, of: comesToRest },
  { n: 12, of: stopsInOrder, level: "extended", needs: ["drain"] },
])
