import { createHash } from "node:crypto"
import type { _Record, OperationType } from "@aws-sdk/client-dynamodb-streams"
import { equal, sizeOfItem, type Item } from "./attribute-value.js"
import type { ItemChange } from "./item-change.js"
import { copyItem } from "./item-copy.js"
import { sequenceText } from "./sequence-numbers.js"
import type { TableStream } from "./table-stream.js"

/** A change that a stream keeps. */
export interface StreamEntry {
  readonly sequence: number
  /** When the change happened, in milliseconds since the Unix epoch. */
  readonly at: number
  readonly key: Item
  readonly eventName: OperationType
  /** The images that the stream's view shows, as the model has them. */
  readonly newImage: Item | undefined
  readonly oldImage: Item | undefined
  /** Bytes of the key and the images. */
  readonly sizeBytes: number
}

/** Undefined for a change that leaves the item as it was: the service makes no record of it. */
export function entryOf(
  change: ItemChange,
  { viewType }: TableStream,
  sequence: () => number,
): StreamEntry | undefined {
  const { before, after, key, at } = change
  const eventName = eventNameOf(before, after)
  if (eventName === undefined) return undefined
  const newImage = viewType === "NEW_IMAGE" || viewType === "NEW_AND_OLD_IMAGES" ? after : undefined
  const oldImage = viewType === "OLD_IMAGE" || viewType === "NEW_AND_OLD_IMAGES" ? before : undefined
  const sizeBytes = sizeOfItem(key) + sizeOfItem(newImage ?? {}) + sizeOfItem(oldImage ?? {})
  return { sequence: sequence(), at, key, eventName, newImage, oldImage, sizeBytes }
}

function eventNameOf(before: Item | undefined, after: Item | undefined): OperationType | undefined {
  if (before === undefined) return after === undefined ? undefined : "INSERT"
  if (after === undefined) return "REMOVE"
  return equal({ M: before }, { M: after }) ? undefined : "MODIFY"
}

/** The record as GetRecords answers it; it shares nothing with the model. */
export function recordOf(entry: StreamEntry, { streamArn, viewType }: TableStream): _Record {
  const SequenceNumber = sequenceText(entry.sequence)
  return {
    // The same record has the same id whenever it is read, and no other has it.
    eventID: createHash("md5").update(`${streamArn} ${SequenceNumber}`).digest("hex"),
    eventName: entry.eventName,
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: streamArn.split(":")[3]!,
    dynamodb: {
      ApproximateCreationDateTime: new Date(Math.floor(entry.at / 1000) * 1000),
      Keys: copyItem(entry.key),
      ...(entry.newImage && { NewImage: copyItem(entry.newImage) }),
      ...(entry.oldImage && { OldImage: copyItem(entry.oldImage) }),
      SequenceNumber,
      SizeBytes: entry.sizeBytes,
      StreamViewType: viewType,
    },
  }
}
