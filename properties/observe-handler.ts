import type { StreamResult } from "../engine/stream-result.js"
import { type ConsumerTrace, itemOf } from "./consumer-trace.js"
import type { Handler } from "./stage.js"

/** A handler whose calls appear in the trace: what it was given, and what came of it. */
export const observeHandler =
  (handler: Handler, trace: ConsumerTrace): Handler =>
  async (stream, events) => {
    const items = () => events.map((event) => itemOf(stream, event))
    const given = items()
    const call = trace.callStarted(stream, given)
    try {
      const result = await handler(stream, events)
      const first = given[0]?.index ?? 0
      // The span is looked at again: somebody may have changed it while the call ran.
      trace.callReturned(call, stream, items(), nameOf(result), nextIndex(result, first, given.length))
      return result
    } catch (error) {
      trace.callThrew(call, stream, error)
      throw error
    }
  }

/** What a handler answers may be anything: nobody holds it to its type. Of what is no result only the kind is told. */
function nameOf(result: void | StreamResult): string {
  if (result === undefined) return "AllProcessed"
  switch ((result as StreamResult | null)?.kind) {
    case "AllProcessed":
    case "NoneProcessed":
      return result.kind
    case "PartiallyProcessed":
      return `PartiallyProcessed(${String((result as { count: number }).count)})`
    case "OverrideNextIndex":
      return `OverrideNextIndex(${String((result as { index: bigint }).index)})`
    default:
      return `no result (${result === null ? "null" : typeof result})`
  }
}

/** The next index as the result tells it, valid or not; a result that is none made no progress. */
function nextIndex(result: void | StreamResult, first: number, count: number): number {
  if (result === undefined) return first + count
  switch ((result as StreamResult | null)?.kind) {
    case "AllProcessed":
      return first + count
    case "PartiallyProcessed":
      // A text would be put behind the other number.
      return first + Number((result as { count: unknown }).count)
    case "OverrideNextIndex":
      return Number((result as { index: bigint }).index)
    default:
      return first
  }
}
