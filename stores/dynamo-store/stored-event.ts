/*
 * One event or unfold as an element of an item's `e` or `u`.
 *
 * `attributes` is the element as it is in the table. A calve copies it, so that what others wrote (fractions of time,
 * encodings, correlation ids) moves unchanged. An event's type is not in it: types are in `c`, at the same place.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { createHash } from "node:crypto"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import { decodeBody, encodeBody, type EncodedBody } from "./encoded-body.js"
import type { NewEvent } from "./new-event.js"
import { UnreadableItemError } from "./unreadable-item-error.js"

export type Attributes = Record<string, AttributeValue>

export interface StoredEvent {
  readonly type: string
  /**
   * Of an event: its place in the stream. Of an unfold: it reflects all events of lower and of the same index; written at
   * the stream's version.
   */
  readonly index: bigint
  readonly isUnfold: boolean
  readonly attributes: Attributes
}

/** The body before its encoding is chosen: text, or what somebody else encoded. */
export interface EventBodies {
  readonly data?: EncodedBody | undefined
  readonly meta?: EncodedBody | undefined
}

export function encodeBodies({ data, meta }: NewEvent): EventBodies {
  return { data: encodeBody(data ?? ""), meta: encodeBody(meta ?? "") }
}

export function newStoredEvent(type: string, index: bigint, at: number, bodies: EventBodies): StoredEvent {
  return { type, index, isUnfold: false, attributes: encode(at, bodies) }
}

export function newStoredUnfold(type: string, index: bigint, at: number, bodies: EventBodies): StoredEvent {
  const attributes = { i: { N: String(index) }, c: { S: type }, ...encode(at, bodies) }
  return { type, index, isUnfold: true, attributes }
}

function encode(at: number, { data, meta }: EventBodies): Attributes {
  return {
    t: { S: new Date(at).toISOString() },
    ...(isBody(data) && { d: { B: data.body }, D: { N: String(data.encoding) } }),
    ...(isBody(meta) && { m: { B: meta.body }, M: { N: String(meta.encoding) } }),
  }
}

const isBody = (body: EncodedBody | undefined): body is EncodedBody => body !== undefined && body.body.length > 0

/** Data as it is stored; the encoding is 0 where there is none. */
export const data = ({ attributes: { d, D } }: StoredEvent): EncodedBody | undefined => body(d, D)
export const meta = ({ attributes: { m, M } }: StoredEvent): EncodedBody | undefined => body(m, M)

function body(bytes: AttributeValue | undefined, encoding: AttributeValue | undefined): EncodedBody | undefined {
  if (bytes?.B === undefined) return undefined
  return { encoding: Number(encoding?.N ?? 0), body: bytes.B }
}

/** Bytes as the published packages count them; `b` of every item is a sum of these. */
export function estimatedBytes(event: StoredEvent): number {
  const { d, m, x, y } = event.attributes
  const bodies = (d?.B?.length ?? 0) + (m?.B?.length ?? 0)
  if (event.isUnfold) return event.type.length + bodies + 50
  return event.type.length + bodies + (x?.S?.length ?? 0) + (y?.S?.length ?? 0) + 40
}

/** As a handler or a codec gets it. @throws UnreadableItemError */
export function toTimelineEvent(stream: string, event: StoredEvent): ITimelineEvent {
  const data_ = text(stream, event, "d", data(event))
  const meta_ = text(stream, event, "m", meta(event))
  return {
    id: eventId(stream, event),
    time: time(stream, event),
    type: event.type,
    ...(data_ !== undefined && { data: data_ }),
    ...(meta_ !== undefined && { meta: meta_ }),
    index: event.index,
    isUnfold: event.isUnfold,
    size: estimatedBytes(event),
  }
}

function text(stream: string, event: StoredEvent, attribute: string, body: EncodedBody | undefined) {
  if (body === undefined) return undefined
  try {
    return decodeBody(body)
  } catch (cause) {
    throw new UnreadableItemError(
      stream,
      `"${attribute}" of ${describe(event)} is not of encoding ${body.encoding}`,
      cause,
    )
  }
}

function time(stream: string, event: StoredEvent): Date {
  const time = new Date(event.attributes["t"]?.S ?? "")
  if (Number.isNaN(time.getTime())) throw new UnreadableItemError(stream, `"t" of ${describe(event)} is no time`)
  return time
}

const describe = ({ isUnfold, type, index }: StoredEvent) => (isUnfold ? `unfold ${type}` : `event ${index}`)

/**
 * The store has no ids: this is a UUID made of the stream's name and the event's index (version 5, in a namespace of
 * its own), the same at every read and never that of another event of the table. The published packages answer the nil
 * UUID for every event.
 */
function eventId(stream: string, { index, isUnfold, type }: StoredEvent): string {
  const hash = createHash("sha1").update(namespace)
  hash.update(isUnfold ? `${stream}/${index}/${type}` : `${stream}/${index}`)
  const hex = hash.digest("hex")
  const variant = ((parseInt(hex[16]!, 16) & 3) | 8).toString(16)
  const [a, b, c, d, e] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20), hex.slice(20, 32)]
  return `${a}-${b}-5${c}-${variant}${d}-${e}`
}

const namespace = Buffer.from("8c1f0c46b7de4f6f9d0a8f5b1f3a6e27", "hex")
