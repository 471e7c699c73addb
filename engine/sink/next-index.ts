import type { StreamName } from "../stream-name.js"
import type { StreamResult } from "../stream-result.js"

/** A handler answered something that is no result for the span it was called with. */
export class InvalidStreamResultError extends Error {
  override readonly name = "InvalidStreamResultError"
  readonly stream: StreamName
  constructor(stream: StreamName, received: string, accepted: string) {
    super(`the handler of ${stream} must answer ${accepted}, received ${received}`)
    this.stream = stream
  }
}

/**
 * The next index that a result stands for, given the span `[first, end)` of the call.
 * @throws InvalidStreamResultError when the result is none, or does not fit the span.
 */
export function nextIndex(result: void | StreamResult, stream: StreamName, first: number, end: number): number {
  if (result === undefined) return end
  switch ((result as StreamResult | null)?.kind) {
    case "AllProcessed":
      return end
    case "NoneProcessed":
      return first
    case "PartiallyProcessed":
      return first + validCount((result as { count: number }).count, stream, end - first)
    case "OverrideNextIndex":
      return validIndex((result as { index: bigint }).index, stream)
    default:
      throw new InvalidStreamResultError(stream, describe(result), "nothing or a StreamResult")
  }
}

function validCount(count: number, stream: StreamName, length: number): number {
  if (Number.isInteger(count) && count >= 0 && count <= length) return count
  const accepted = `PartiallyProcessed with an integer from 0 to ${length}, the events of the call`
  throw new InvalidStreamResultError(stream, `PartiallyProcessed(${String(count)})`, accepted)
}

function validIndex(index: bigint, stream: StreamName): number {
  if (typeof index === "bigint" && index >= 0n && index <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(index)
  const accepted = `OverrideNextIndex with a bigint from 0 to ${Number.MAX_SAFE_INTEGER}`
  throw new InvalidStreamResultError(stream, `OverrideNextIndex(${String(index)})`, accepted)
}

function describe(value: unknown): string {
  if (value === null) return "null"
  return typeof value === "object" ? "another object" : `a ${typeof value}`
}
