/*
 * How a list of decisions is made shorter while a run that they make still fails.
 *
 * Whole kinds go first: mostly neither latencies nor the order matter. Then chunks go, from half of the list down to
 * single decisions, as in delta debugging (Zeller and Hildebrandt, IEEE TSE 2002), then milliseconds become fewer, and at
 * last faults and latencies move to an earlier occurrence of their step, so that less has to happen before. No candidate
 * is longer than the list; the search ends when no single decision can be left out, shortened or moved, or when its
 * caller has had enough.
 */
import type { Decision } from "./decision.js"

/** A list to try, and where to go on when it fails as well. */
export interface Candidate {
  readonly decisions: readonly Decision[]
  readonly progress: Progress
}

export type Progress =
  | { readonly stage: "kinds" }
  | { readonly stage: "chunks"; readonly size: number; readonly start: number }
  | { readonly stage: "milliseconds"; readonly index: number }
  | { readonly stage: "occurrences"; readonly index: number }

export const beginning: Progress = { stage: "kinds" }

/** What to try instead of these decisions, most promising first. */
export function* fewerDecisions(decisions: readonly Decision[], from: Progress = beginning): Generator<Candidate> {
  switch (from.stage) {
    case "kinds":
      yield* withoutKinds(decisions)
      yield* withoutChunks(decisions)
      yield* fewerMilliseconds(decisions)
      yield* earlierOccurrences(decisions)
      return
    case "chunks":
      yield* withoutChunks(decisions, from)
      yield* fewerMilliseconds(decisions)
      yield* earlierOccurrences(decisions)
      return
    case "milliseconds":
      yield* fewerMilliseconds(decisions, from.index)
      yield* earlierOccurrences(decisions)
      return
    case "occurrences":
      yield* earlierOccurrences(decisions, from.index)
  }
}

function* withoutKinds(decisions: readonly Decision[]): Generator<Candidate> {
  const tried = new Set([decisions.length])
  for (const kept of [[], ["fault"], ["hold"], ["fault", "hold"], ["latency"], ["hold", "latency"]]) {
    const fewer = decisions.filter(({ kind }) => kept.includes(kind))
    if (tried.has(fewer.length)) continue
    tried.add(fewer.length)
    yield { decisions: fewer, progress: { stage: "chunks", size: half(fewer.length), start: 0 } }
  }
}

function* withoutChunks(
  decisions: readonly Decision[],
  from = { size: half(decisions.length), start: 0 },
): Generator<Candidate> {
  let { size, start } = from
  for (;;) {
    for (; start < decisions.length; start += size)
      yield {
        decisions: [...decisions.slice(0, start), ...decisions.slice(start + size)],
        progress: { stage: "chunks", size, start },
      }
    if (size <= 1) return
    size = half(size)
    start = 0
  }
}

function* fewerMilliseconds(decisions: readonly Decision[], from = 0): Generator<Candidate> {
  for (let index = from; index < decisions.length; index++) {
    const decision = decisions[index]!
    if (decision.kind === "hold" || decision.ms === undefined) continue
    const { ms: given } = decision
    for (const ms of [Math.sign(given), Math.sign(given) * half(Math.abs(given))])
      if (Math.abs(ms) < Math.abs(given))
        yield { decisions: decisions.with(index, { ...decision, ms }), progress: { stage: "milliseconds", index } }
  }
}

/** Two faults of one kind at one step are one. */
function* earlierOccurrences(decisions: readonly Decision[], from = 0): Generator<Candidate> {
  for (let index = from; index < decisions.length; index++) {
    const decision = decisions[index]!
    if (decision.kind === "hold") continue
    for (const step of earlier(decision.step))
      if (!decisions.some((other) => other.kind === decision.kind && other.step === step))
        yield { decisions: decisions.with(index, { ...decision, step }), progress: { stage: "occurrences", index } }
  }
}

/** The name of a step ends with which of its occurrences it is, counted from 1. */
function earlier(step: string): readonly string[] {
  const end = step.lastIndexOf(" ") + 1
  const nth = Number(step.slice(end))
  return [...new Set([1, half(nth), nth - 1])]
    .filter((n) => n >= 1 && n < nth)
    .map((n) => step.slice(0, end) + String(n))
}

const half = (n: number) => Math.max(1, Math.ceil(n / 2))
