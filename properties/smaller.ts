/*
 * How a failing run is made smaller: its setup by fast-check, its decisions by leaving them out, in turns, since each
 * makes room for the other. A smaller run is taken when it fails in the same way, and then it is what is made smaller.
 *
 * Invariants: what is held at any time is a run that failed; its setup only shrinks along fast-check's tree, and its
 * decisions are only those that had an effect, so their number never grows. The search ends when neither a simpler setup
 * nor the loss of any one decision fails any more, or with its budget.
 */
import type fc from "fast-check"
import type { Decision } from "../sim/decision.js"
import { beginning, fewerDecisions, type Progress } from "../sim/fewer-decisions.js"

/** A run that failed, with the place of its setup in fast-check's tree. */
export interface Failing<Setup> {
  readonly setup: fc.Value<Setup>
  readonly decisions: readonly Decision[]
}

/**
 * Runs once and answers, when it fails in the way that is looked for, those of the decisions that had an effect; else
 * undefined.
 */
export type Attempt<Setup> = (setup: Setup, decisions: readonly Decision[]) => Promise<readonly Decision[] | undefined>

export interface Search<Setup> {
  readonly arbitrary: fc.Arbitrary<Setup>
  readonly attempt: Attempt<Setup>
  /** Asked before each attempt; the search ends with what it has when it answers false. */
  readonly goesOn: () => boolean
}

/** The smallest failing run that the search comes to. */
export async function smaller<Setup>(found: Failing<Setup>, search: Search<Setup>): Promise<Failing<Setup>> {
  let present = await withFewerDecisions(found, search, beginning)
  for (;;) {
    const simpler = await withSimplerSetup(present, search)
    const fewer = await withFewerDecisions(simpler, search, beginning)
    if (fewer === present) return present
    present = fewer
  }
}

/** What did not fail is not tried again before all that comes after it was: so a pass costs as much as there are candidates. */
async function withSimplerSetup<Setup>(found: Failing<Setup>, search: Search<Setup>): Promise<Failing<Setup>> {
  let present = found
  let from = 0
  for (;;) {
    const next = await firstSimplerSetup(present, search, from)
    if (next === undefined && from === 0) return present
    if (next !== undefined) present = next.failing
    from = next?.at ?? 0
  }
}

async function firstSimplerSetup<Setup>(
  { setup, decisions }: Failing<Setup>,
  { arbitrary, attempt, goesOn }: Search<Setup>,
  from: number,
): Promise<{ readonly failing: Failing<Setup>; readonly at: number } | undefined> {
  let at = -1
  for (const candidate of arbitrary.shrink(setup.value_, setup.context)) {
    if (++at < from) continue
    if (!goesOn()) return undefined
    const applied = await attempt(candidate.value_, decisions)
    if (applied !== undefined) return { failing: { setup: candidate, decisions: applied }, at }
  }
  return undefined
}

async function withFewerDecisions<Setup>(
  found: Failing<Setup>,
  search: Search<Setup>,
  from: Progress,
): Promise<Failing<Setup>> {
  let present = found
  let progress = from
  for (;;) {
    const next = await firstFewerDecisions(present, search, progress)
    if (next === undefined) return present
    present = next.failing
    progress = next.progress
  }
}

async function firstFewerDecisions<Setup>(
  { setup, decisions }: Failing<Setup>,
  { attempt, goesOn }: Search<Setup>,
  from: Progress,
): Promise<{ readonly failing: Failing<Setup>; readonly progress: Progress } | undefined> {
  for (const candidate of fewerDecisions(decisions, from)) {
    if (!goesOn()) return undefined
    const applied = await attempt(setup.value_, candidate.decisions)
    if (applied !== undefined) return { failing: { setup, decisions: applied }, progress: candidate.progress }
  }
  return undefined
}
