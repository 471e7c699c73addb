/*
 * How a list of decisions is made shorter while a run that they make still fails.
 *
 * Whole kinds go first: mostly neither latencies nor the order matter. Then chunks go, from half of the list down to
 * single decisions, as in delta debugging (Zeller and Hildebrandt, IEEE TSE 2002), and at last milliseconds become
 * fewer. Each candidate is the list without something, so its length never grows; the search ends when no single
 * decision can be left out, or when its caller has had enough.
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

export const beginning: Progress = { stage: "kinds" }

/** What to try instead of these decisions, most promising first. */
export function* fewerDecisions(decisions: readonly Decision[], from: Progress = beginning): Generator<Candidate> {
  if (from.stage === "kinds") yield* withoutKinds(decisions)
  if (from.stage !== "milliseconds") yield* withoutChunks(decisions, from.stage === "chunks" ? from : undefined)
  yield* fewerMilliseconds(decisions, from.stage === "milliseconds" ? from.index : 0)
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

function* fewerMilliseconds(decisions: readonly Decision[], from: number): Generator<Candidate> {
  for (let index = from; index < decisions.length; index++) {
    const decision = decisions[index]!
    if (decision.kind === "hold" || decision.ms === undefined) continue
    const { ms: given } = decision
    for (const ms of [Math.sign(given), Math.sign(given) * half(Math.abs(given))])
      if (Math.abs(ms) < Math.abs(given))
        yield { decisions: decisions.with(index, { ...decision, ms }), progress: { stage: "milliseconds", index } }
  }
}

const half = (n: number) => Math.max(1, Math.ceil(n / 2))
