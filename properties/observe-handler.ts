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

function nameOf(result: void | StreamResult): string {
  if (result === undefined) return "AllProcessed"
  if (result.kind === "PartiallyProcessed") return `PartiallyProcessed(${result.count})`
  if (result.kind === "OverrideNextIndex") return `OverrideNextIndex(${result.index})`
  return result.kind
}

/** The next index as the result tells it, valid or not; a result that is none made no progress. */
function nextIndex(result: void | StreamResult, first: number, count: number): number {
  if (result === undefined) return first + count
  switch (result.kind) {
    case "AllProcessed":
      return first + count
    case "PartiallyProcessed":
      return first + result.count
    case "OverrideNextIndex":
      return Number(result.index)
    default:
      return first
  }
}
