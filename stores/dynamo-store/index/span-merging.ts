/*
 * Spans as they came from records, made ready to be indexed.
 *
 * Records of one stream may be repeated and out of order, in one delivery and across several. Per stream, the pieces are
 * sorted, disjoint, and with a gap between any two of them. Streams stay in the order in which they were first seen.
 */
import { type AppendSpan, endOf, from } from "./append-span.js"

/** Pieces by stream; none of the arrays is empty. */
export type Pieces = ReadonlyMap<string, readonly AppendSpan[]>

export function mergeSpans(spans: Iterable<AppendSpan>): Pieces {
  const byStream = new Map<string, AppendSpan[]>()
  for (const span of spans) {
    if (span.types.length === 0) continue
    const pieces = byStream.get(span.stream)
    if (pieces === undefined) byStream.set(span.stream, [span])
    else pieces.push(span)
  }
  for (const [stream, pieces] of byStream) if (pieces.length > 1) byStream.set(stream, join(pieces))
  return byStream
}

function join(pieces: readonly AppendSpan[]): AppendSpan[] {
  const sorted = [...pieces].sort((a, b) => a.index - b.index)
  const joined: { stream: string; index: number; types: string[] }[] = []
  for (const piece of sorted) {
    const last = joined.at(-1)
    const end = last === undefined ? -1 : endOf(last)
    if (last === undefined || piece.index > end) joined.push({ ...piece, types: [...piece.types] })
    else if (endOf(piece) > end) last.types.push(...from(end, piece).types)
  }
  return joined
}

/** What an epoch does not have of the pieces. */
export function without(pieces: Pieces, nextOf: (stream: string) => number | undefined): Pieces {
  const left = new Map<string, readonly AppendSpan[]>()
  for (const [stream, ofStream] of pieces) {
    const next = nextOf(stream)
    const rest = next === undefined ? ofStream : ofStream.filter((piece) => endOf(piece) > next)
    if (rest.length > 0) left.set(stream, next === undefined ? rest : rest.map((piece) => from(next, piece)))
  }
  return left
}

/** The first of the spans, up to about `maxUnits` UTF-16 units of text; a span that alone has more is cut. */
export function firstOf(spans: readonly AppendSpan[], maxUnits: number): AppendSpan[] {
  const first: AppendSpan[] = []
  let room = maxUnits
  for (const span of spans) {
    room -= span.stream.length
    let count = 0
    while (count < span.types.length && (room > 0 || (first.length === 0 && count === 0)))
      room -= span.types[count++]!.length + 3
    if (count > 0) first.push(count === span.types.length ? span : { ...span, types: span.types.slice(0, count) })
    if (count < span.types.length) break
  }
  return first
}
