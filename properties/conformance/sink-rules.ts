import { boundedConcurrency } from "../bounded-concurrency.js"
import { boundedReadAhead } from "../bounded-read-ahead.js"
import { comesToRest } from "../comes-to-rest.js"
import { completeStreams } from "../complete-streams.js"
import { completionInOrder } from "../completion-in-order.js"
import { completionIsEarned } from "../completion-is-earned.js"
import { fairness } from "../fairness.js"
import { noRepeatInsideRun } from "../no-repeat-inside-run.js"
import { noSkipInsideRun } from "../no-skip-inside-run.js"
import { oneCallPerStream } from "../one-call-per-stream.js"
import { orderWithinStream } from "../order-within-stream.js"
import { resultSemantics } from "../result-semantics.js"
import { endsInOrder } from "../stops-in-order.js"
import { timeGoesOn } from "../time-goes-on.js"
import { wellFormedSpan } from "../well-formed-span.js"
import { workConservation } from "../work-conservation.js"
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
  { n: 12, of: endsInOrder, level: "extended", needs: ["drain"] },
  { n: 13, of: completeStreams, level: "extended", needs: ["complete streams"] },
  { n: 14, of: resultSemantics, level: "extended", needs: ["partial results"] },
  { n: 15, of: workConservation, level: "extended", needs: ["prompt"] },
  { n: 16, of: fairness, level: "extended", needs: ["fair"] },
  { n: 17, of: timeGoesOn, level: "extended" },
])
