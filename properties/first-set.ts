import { atLeastOnce } from "./at-least-once.js"
import { boundedConcurrency } from "./bounded-concurrency.js"
import { boundedReadAhead } from "./bounded-read-ahead.js"
import { checkpointProvenance } from "./checkpoint-provenance.js"
import { checkpointSafety } from "./checkpoint-safety.js"
import { comesToRest } from "./comes-to-rest.js"
import { completeMembers } from "./complete-members.js"
import { completionInOrder } from "./completion-in-order.js"
import { completionIsEarned } from "./completion-is-earned.js"
import { disjointMembers } from "./disjoint-members.js"
import type { Property } from "./monitor.js"
import { monotoneStore } from "./monotone-store.js"
import { noRepeatInsideRun } from "./no-repeat-inside-run.js"
import { noSkipInsideRun } from "./no-skip-inside-run.js"
import { oneCallPerStream } from "./one-call-per-stream.js"
import { origin } from "./origin.js"
import { orderWithinStream } from "./order-within-stream.js"
import { stopsInOrder } from "./stops-in-order.js"
import { wellFormedSpan } from "./well-formed-span.js"
import { failsFast } from "./fails-fast.js"
import { memoryFollowsWork } from "./memory-follows-work.js"
import { tailDiscipline } from "./tail-discipline.js"
import { timeGoesOn } from "./time-goes-on.js"
import { tranchesUndisturbed } from "./tranches-undisturbed.js"
import { sameEffects } from "./same-effects.js"

/** What is checked in every run, in the order of the specification. */
export const properties: readonly Property[] = [
  orderWithinStream,
  oneCallPerStream,
  wellFormedSpan,
  noRepeatInsideRun,
  noSkipInsideRun,
  completionIsEarned,
  completionInOrder,
  checkpointSafety,
  checkpointProvenance,
  monotoneStore,
  origin,
  atLeastOnce,
  sameEffects,
  boundedConcurrency,
  boundedReadAhead,
  comesToRest,
  timeGoesOn,
  tailDiscipline,
  memoryFollowsWork,
  failsFast,
  stopsInOrder,
  disjointMembers,
  completeMembers,
  tranchesUndisturbed,
]
