import { type AppendSpan, endOf, from } from "./append-span.js"
import type { Gap, PassedGaps } from "./gap.js"
import type { Pieces } from "./span-merging.js"

export interface IngestDecision {
  /** What is not indexed yet, in the order in which it came; spans of one stream follow one another. */
  readonly spans: readonly AppendSpan[]
  /** The first gap of each stream that has one; what comes after it is not in `spans`. */
  readonly gaps: readonly Gap[]
}

/**
 * @param nextOf index after what is indexed of a stream; undefined where nothing is known, which accepts any start
 * @param passed gaps that are left as they are
 */
export function decideIngest(
  pieces: Pieces,
  nextOf: (stream: string) => number | undefined,
  passed: Pick<PassedGaps, "has">,
): IngestDecision {
  const spans: AppendSpan[] = []
  const gaps: Gap[] = []
  for (const [stream, ofStream] of pieces) {
    let next = nextOf(stream)
    for (const piece of ofStream) {
      if (next !== undefined && endOf(piece) <= next) continue
      const gap = next !== undefined && piece.index > next && { stream, expected: next, found: piece.index }
      if (gap !== false && !passed.has(gap)) {
        gaps.push(gap)
        break
      }
      spans.push(next === undefined ? piece : from(next, piece))
      next = endOf(piece)
    }
  }
  return { spans, gaps }
}
