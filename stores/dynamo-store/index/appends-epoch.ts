/*
 * One epoch of the index: the stream `$AppendsEpoch-{partition}_{epoch}`.
 *
 * An event `Ingested` lists spans of events of the events table: `add` holds those of streams that this epoch did not
 * know, `app` those that continue a stream it knows. An event `Closed`, without a body, is the last one: nothing is
 * appended after it, and the next epoch goes on. So the spans of one stream, read through the epochs in order, follow
 * one another.
 */
import * as v from "valibot"
import { type AppendSpan, storedSpan, toStored } from "./append-span.js"

export const epochStream = (partition: string, epoch: number): string => `$AppendsEpoch-${partition}_${epoch}`

export type EpochEvent =
  | { readonly type: "Ingested"; readonly add: readonly AppendSpan[]; readonly app: readonly AppendSpan[] }
  | { readonly type: "Closed" }

export const closedType = "Closed"

export function encodeEpochEvent(event: EpochEvent): { type: string; data?: string } {
  if (event.type === closedType) return { type: event.type }
  return { type: event.type, data: JSON.stringify({ add: event.add.map(toStored), app: event.app.map(toStored) }) }
}

const ingested = v.pipe(v.string(), v.parseJson(), v.object({ add: v.array(storedSpan), app: v.array(storedSpan) }))

/** Undefined for a type that is not known. @throws IndexFormatError */
export function decodeEpochEvent(stream: string, event: EncodedEvent): EpochEvent | undefined {
  if (event.type === closedType) return { type: closedType }
  if (event.type !== "Ingested") return undefined
  const parsed = v.safeParse(ingested, event.data)
  if (parsed.success) return { type: "Ingested", ...parsed.output }
  throw new IndexFormatError(stream, event, parsed.issues[0].message)
}

/** What is looked at of an event of the index table. */
export interface EncodedEvent {
  readonly index: bigint
  readonly type: string
  readonly data?: string | undefined
}

/** An event in a stream of the index that is none of the index: somebody else wrote it. */
export class IndexFormatError extends Error {
  override readonly name = "IndexFormatError"
  constructor(stream: string, { type, index }: EncodedEvent, why: string) {
    super(`${type} with index ${index} in ${stream} is no event of the index: ${why}`)
  }
}
