import { atLeastOnce } from "./at-least-once.js"
import { boundedConcurrency } from "./bounded-concurrency.js"
import { boundedReadAhead } from "./bounded-read-ahead.js"
import { boundedRework } from "./bounded-rework.js"
import { checkpointLiveness } from "./checkpoint-liveness.js"
import { checkpointProvenance } from "./checkpoint-provenance.js"
import { checkpointSafety } from "./checkpoint-safety.js"
import { comesToRest } from "./comes-to-rest.js"
import { completeMembers } from "./complete-members.js"
import { completeStreams } from "./complete-streams.js"
import { completionInOrder } from "./completion-in-order.js"
import { completionIsEarned } from "./completion-is-earned.js"
import { disjointMembers } from "./disjoint-members.js"
import { failsFast } from "./fails-fast.js"
import { fairness } from "./fairness.js"
import { memoryFollowsWork } from "./memory-follows-work.js"
import type { Property } from "./monitor.js"
import { monotoneStore } from "./monotone-store.js"
import { noRepeatInsideRun } from "./no-repeat-inside-run.js"
import { noSkipInsideRun } from "./no-skip-inside-run.js"
import { oneCallPerStream } from "./one-call-per-stream.js"
import { orderWithinStream } from "./order-within-stream.js"
import { origin } from "./origin.js"
import { resultSemantics } from "./result-semantics.js"
import { sameEffects } from "./same-effects.js"
import { stopsInOrder } from "./stops-in-order.js"
import { tailDiscipline } from "./tail-discipline.js"
import { timeGoesOn } from "./time-goes-on.js"
import { tranchesUndisturbed } from "./tranches-undisturbed.js"
import { wellFormedSpan } from "./well-formed-span.js"
import { workConservation } from "./work-conservation.js"

/** What is checked in every run: the thirty invariants, in the order of the specification. */
export const properties: readonly Property[] = [
  orderWithinStream,
  oneCallPerStream,
  wellFormedSpan,
  noRepeatInsideRun,
  noSkipInsideRun,
  completeStreams,
  resultSemantics,
  completionIsEarned,
  completionInOrder,
  checkpointSafety,
  checkpointProvenance,
  monotoneStore,
  checkpointLiveness,
  origin,
  atLeastOnce,
  boundedRework,
  sameEffects,
  boundedConcurrency,
  boundedReadAhead,
  workConservation,
  comesToRest,
  fairness,
  timeGoesOn,
  tailDiscipline,
  memoryFollowsWork,
  failsFast,
  stopsInOrder,
  disjointMembers,
  completeMembers,
  tranchesUndisturbed,
]
