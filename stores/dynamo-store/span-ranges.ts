import { type AppendSpan, endOf } from "./index/append-span.js"

/** Consecutive events of one stream, from `start` up to but not including `end`. */
export interface SpanRange {
  readonly stream: string
  readonly start: number
  readonly end: number
}

/**
 * What has to be loaded so that every span is covered: for each stream as few ranges as possible, none of them with an
 * event that no span has. Streams come in the order in which they are first seen.
 */
export function rangesOf(spans: readonly AppendSpan[]): SpanRange[] {
  const byStream = new Map<string, AppendSpan[]>()
  for (const span of spans) {
    const others = byStream.get(span.stream)
    if (others === undefined) byStream.set(span.stream, [span])
    else others.push(span)
  }
  return [...byStream.values()].flatMap(merge)
}

function merge(spans: readonly AppendSpan[]): SpanRange[] {
  const ranges: SpanRange[] = []
  for (const span of spans.toSorted((a, b) => a.index - b.index)) {
    const last = ranges.at(-1)
    if (last === undefined || span.index > last.end)
      ranges.push({ stream: span.stream, start: span.index, end: endOf(span) })
    else if (endOf(span) > last.end) ranges[ranges.length - 1] = { ...last, end: endOf(span) }
  }
  return ranges
}
