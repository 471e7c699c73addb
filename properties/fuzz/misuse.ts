/*
 * What a handler may not answer, whatever it reacts to: a count that its span does not have, an index that lies behind it,
 * and one that its stream does not have either, which mostly is the version of another stream.
 */
import type { StreamResult } from "../../engine/stream-result.js"

/** A call's span, `[first, end)`, and how many events its stream has in all. */
export interface Span {
  readonly stream: string
  readonly first: number
  readonly end: number
  readonly length: number
}

/** Why a result does not fit its span; undefined when it does. */
export function misuseOf(result: void | StreamResult, { stream, first, end, length }: Span): string | undefined {
  if (result === undefined) return undefined
  switch ((result as StreamResult | null)?.kind) {
    case "AllProcessed":
    case "NoneProcessed":
      return undefined
    case "PartiallyProcessed": {
      const { count } = result as { count: number }
      if (Number.isInteger(count) && count >= 0 && count <= end - first) return undefined
      return `PartiallyProcessed(${String(count)}) for ${eventsText(end - first)}: the count is out of range`
    }
    case "OverrideNextIndex": {
      const { index } = result as { index: bigint }
      if (typeof index !== "bigint") return `OverrideNextIndex(${String(index)}): the index must be a bigint`
      if (index <= BigInt(first))
        return `OverrideNextIndex(${index}) for a span that begins at ${first}: that does not go forward, and the span comes again`
      if (index <= BigInt(length)) return undefined
      return `OverrideNextIndex(${index}), while ${stream} has ${eventsText(length)}: is it the version of another stream?`
    }
    default:
      return "something that is neither nothing nor a StreamResult"
  }
}

const eventsText = (count: number): string => (count === 1 ? "1 event" : `${count} events`)
