/*
 * From the records of the events table's stream to spans.
 *
 * Only the write that appends events to a Tip says how many it added: `a`, and that is not on calves. The last `a` types
 * of the Tip are those of the new events. A prune that shortens the Tip leaves `a` as it was, so its record repeats
 * events that were told before; whoever takes the spans has to recognise that, and with old images it is seen here.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import type { Warn } from "../../../engine/warning.js"
import type { AppendSpan } from "./append-span.js"

/** A record of a stream of DynamoDB, as Lambda passes it on and as `GetRecords` returns it. Only what is read is listed. */
export interface StreamRecord {
  readonly eventName?: string | undefined
  readonly dynamodb?: StreamRecordChange | undefined
}

type Image = Readonly<Record<string, AttributeValue>>

export interface StreamRecordChange {
  readonly Keys?: Image | undefined
  readonly NewImage?: Image | undefined
  readonly OldImage?: Image | undefined
  readonly StreamViewType?: string | undefined
  readonly SequenceNumber?: string | undefined
}

/** What a Lambda that follows a stream is called with. */
export interface StreamRecordsEvent {
  readonly Records: readonly StreamRecord[]
}

/** Takes records in their order; a rejection means that the same records have to come again. */
export type StreamRecordsHandler = (event: StreamRecordsEvent) => Promise<void>

/** The stream of the events table is not one that an index can be made from: its configuration has to change. */
export class StreamRecordError extends Error {
  override readonly name = "StreamRecordError"
}

/**
 * What was appended, in the order of the records. Items of other software are left out; one warning tells of all of them.
 * @throws StreamRecordError for records without new images
 */
export function spansOf(records: readonly StreamRecord[], warn: Warn): AppendSpan[] {
  const spans: AppendSpan[] = []
  const foreign: StreamRecord[] = []
  for (const record of records) {
    const span = spanOf(record)
    if (span === "foreign") foreign.push(record)
    else if (span !== undefined) spans.push(span)
  }
  if (foreign.length > 0) {
    const items = foreign.length === 1 ? "an item that is" : `${foreign.length} items that are`
    warn(`records of ${items} of no stream of events are left out, first ${keyOf(foreign[0]!)}`)
  }
  return spans
}

function spanOf({ eventName, dynamodb: change }: StreamRecord): AppendSpan | "foreign" | undefined {
  checkView(change?.StreamViewType)
  if (eventName === "REMOVE") return undefined
  if (eventName !== "INSERT" && eventName !== "MODIFY")
    throw new StreamRecordError(`a record's eventName must be INSERT, MODIFY or REMOVE, received ${show(eventName)}`)
  const image = change?.NewImage
  if (image === undefined) throw new StreamRecordError(`a record of ${eventName} has no NewImage`)
  if (image["p"]?.S?.startsWith("$") === true) return undefined
  if (!Number.isSafeInteger(Number(image["n"]?.N))) return "foreign"
  if (Number(image["a"]?.N ?? 0) === 0) return undefined
  const span = appended(image)
  if (span === undefined) return "foreign"
  const before = change?.OldImage?.["n"]?.N
  const isOld = before !== undefined && Number(before) >= span.index + span.types.length
  return span.types.length === 0 || isOld ? undefined : span
}

/** Undefined for an item that was not written in this format. */
function appended({ p, n, a, c }: Image): AppendSpan | undefined {
  const types = c?.L?.map(({ S }) => S)
  const [version, added] = [Number(n?.N), Number(a?.N)]
  if (p?.S === undefined || types === undefined || !Number.isSafeInteger(version) || !(added > 0)) return undefined
  const last = types.slice(-added)
  if (!last.every((type) => type !== undefined) || version < last.length) return undefined
  return { stream: p.S, index: version - last.length, types: last }
}

function checkView(view: string | undefined): void {
  if (view === "NEW_IMAGE" || view === "NEW_AND_OLD_IMAGES") return
  const accepted = "NEW_IMAGE or NEW_AND_OLD_IMAGES"
  throw new StreamRecordError(`StreamViewType of the events table must be ${accepted}, received ${show(view)}`)
}

const show = (value: string | undefined) => (value === undefined ? "none" : `"${value}"`)

const keyOf = ({ dynamodb }: StreamRecord) => JSON.stringify(dynamodb?.Keys ?? dynamodb?.NewImage?.["p"] ?? {})
