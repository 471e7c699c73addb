import { atLeastOnce } from "../at-least-once.js"
import { boundedConcurrency } from "../bounded-concurrency.js"
import { boundedReadAhead } from "../bounded-read-ahead.js"
import { boundedRework } from "../bounded-rework.js"
import { checkpointLiveness } from "../checkpoint-liveness.js"
import { checkpointProvenance } from "../checkpoint-provenance.js"
import { checkpointSafety } from "../checkpoint-safety.js"
import { comesToRest } from "../comes-to-rest.js"
import { monotoneStore } from "../monotone-store.js"
import { noRepeatInsideRun } from "../no-repeat-inside-run.js"
import { noSkipInsideRun } from "../no-skip-inside-run.js"
import { oneCallPerStream } from "../one-call-per-stream.js"
import { orderWithinStream } from "../order-within-stream.js"
import { origin } from "../origin.js"
import { failsVisibly } from "../fails-fast.js"
import { endsInOrder } from "../stops-in-order.js"
import { tailDiscipline } from "../tail-discipline.js"
import { tranchesUndisturbed } from "../tranches-undisturbed.js"
import { wellFormedSpan } from "../well-formed-span.js"
import { judged } from "./judged.js"
import { rulesOf } from "./rule.js"
import { wholePages } from "./whole-pages.js"

const endsWhenAsked = judged({
  name: "ends",
  from: "I-27",
  title: "Ends when it is asked to",
  statement: "A consumer that is asked to stop ends within ten seconds, whatever it is doing.",
})

const leavesNoListeners = judged({
  name: "listeners",
  from: "I-25",
  title: "Leaves no listeners behind",
  statement: "When a source has ended, it listens to its signal no more.",
})

/** A consumer as a whole: what reads the store, calls the handler and keeps the positions. */
export const sourceRules = (store: string) =>
  rulesOf("source", "SRC", [
    { n: 1, runs: true },
    { n: 2, of: atLeastOnce },
    { n: 3, of: orderWithinStream },
    { n: 4, of: oneCallPerStream, needs: ["one call per stream"] },
    { n: 5, of: wellFormedSpan, needs: ["pages"] },
    { n: 6, of: checkpointSafety, needs: ["positions"] },
    { n: 7, of: comesToRest },
    { n: 8, of: origin, needs: ["origin"] },
    { n: 9, of: monotoneStore, needs: ["compare positions"] },
    { n: 10, of: wholePages(store), needs: ["pages", "positions"] },
    { n: 11, of: endsInOrder, needs: ["drain"] },
    { n: 12, of: noRepeatInsideRun, level: "extended" },
    { n: 13, of: noSkipInsideRun, level: "extended", needs: ["batches"] },
    { n: 14, of: checkpointProvenance, level: "extended", needs: ["pages", "batches"] },
    { n: 15, of: boundedConcurrency, level: "extended", needs: ["concurrency"] },
    { n: 16, of: boundedReadAhead, level: "extended", needs: ["read-ahead", "batches"] },
    { n: 17, of: endsWhenAsked },
    { n: 18, of: leavesNoListeners, level: "extended" },
    { n: 19, of: tailDiscipline, level: "extended", needs: ["pages"] },
    { n: 20, of: failsVisibly, level: "extended" },
    { n: 21, of: tranchesUndisturbed, level: "extended", needs: ["pages", "batches"] },
    { n: 22, of: checkpointLiveness, level: "extended", needs: ["pages", "batches", "checkpoint interval"] },
    { n: 23, of: boundedRework, level: "extended", needs: ["positions"] },
  ])
