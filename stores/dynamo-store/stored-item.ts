/*
 * One item of the table: a Tip, or a calf.
 *
 * A stream is its Tip (`i` is 2147483647) and the calves before it. Every item holds the events from `n - len(e)` to
 * `n`, exclusive; calves begin at their `i`, follow one another without a hole, never change, and end where the Tip
 * begins. Unfolds, the size of all calves (`b`), the number of events of the last write (`a`) and its etag are the Tip's.
 *
 * Written are all attributes of the published packages. Read is more: upstream leaves out empty lists, encodings of 0 and
 * `a`, and an item without an etag is one nobody of ours or theirs wrote.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import type { Attributes, StoredEvent } from "./stored-event.js"
import { UnreadableItemError } from "./unreadable-item-error.js"

/** `i` of every Tip. */
export const tipIndex = 2_147_483_647

export interface StoredItem {
  readonly stream: string
  readonly isTip: boolean
  /** Index of its first event. */
  readonly base: bigint
  /** Index after its last event; of a Tip: the stream's version. */
  readonly next: bigint
  readonly events: readonly StoredEvent[]
  readonly unfolds: readonly StoredEvent[]
  readonly calvedBytes: number
  readonly etag: string | undefined
}

/** @throws UnreadableItemError */
export function decodeItem(item: Attributes): StoredItem {
  const stream = item["p"]?.S
  if (stream === undefined) throw new UnreadableItemError("?", `an item has no text "p"`)
  const i = number(stream, item, "i")
  const next = BigInt(number(stream, item, "n"))
  const base = next - BigInt(item["e"]?.L?.length ?? 0)
  const isTip = i === tipIndex
  if (!isTip && base !== BigInt(i))
    throw new UnreadableItemError(
      stream,
      `the calf at ${i} ends at ${next}, but does not hold ${next - BigInt(i)} events`,
    )
  const events = decodeEvents(stream, item, base)
  const unfolds = (item["u"]?.L ?? []).map((element) => decodeUnfold(stream, element))
  return { stream, isTip, base, next, events, unfolds, calvedBytes: Number(item["b"]?.N ?? 0), etag: item["etag"]?.S }
}

function decodeEvents(stream: string, item: Attributes, base: bigint): StoredEvent[] {
  const types = item["c"]?.L ?? []
  const bodies = item["e"]?.L ?? []
  if (types.length !== bodies.length)
    throw new UnreadableItemError(
      stream,
      `the item at ${item["i"]?.N} has ${bodies.length} events and ${types.length} types`,
    )
  return bodies.map((body, at) => {
    const type = types[at]?.S
    if (type === undefined || body.M === undefined)
      throw new UnreadableItemError(stream, `event ${base + BigInt(at)} is no map with a type`)
    return { type, index: base + BigInt(at), isUnfold: false, attributes: body.M }
  })
}

function decodeUnfold(stream: string, { M: attributes }: AttributeValue): StoredEvent {
  const type = attributes?.["c"]?.S
  if (attributes === undefined || type === undefined)
    throw new UnreadableItemError(stream, "an unfold is no map with a type")
  return { type, index: BigInt(number(stream, attributes, "i")), isUnfold: true, attributes }
}

function number(stream: string, attributes: Attributes, name: string): number {
  const value = Number(attributes[name]?.N)
  if (!Number.isSafeInteger(value)) throw new UnreadableItemError(stream, `"${name}" of an item is no whole number`)
  return value
}

export const tipKey = (stream: string): Attributes => ({ p: { S: stream }, i: { N: String(tipIndex) } })

export const types = (events: readonly StoredEvent[]): AttributeValue => ({
  L: events.map(({ type }) => ({ S: type })),
})

export const elements = (events: readonly StoredEvent[]): AttributeValue => ({
  L: events.map(({ attributes }) => ({ M: attributes })),
})

/** The Tip's events as an item of their own. */
export function encodeCalf(stream: string, events: readonly StoredEvent[], next: bigint): Attributes {
  const base = next - BigInt(events.length)
  return {
    p: { S: stream },
    i: { N: String(base) },
    n: { N: String(next) },
    c: types(events),
    e: elements(events),
    u: { L: [] },
  }
}
