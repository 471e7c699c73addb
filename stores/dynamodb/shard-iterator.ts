import { ServiceError, validationError } from "./service-error.js"

/** Where a reader is in a shard. */
export interface ShardIterator {
  readonly streamArn: string
  readonly shardId: string
  /** The sequence number to read from, inclusive. */
  readonly from: number
  /** Milliseconds since the Unix epoch. */
  readonly issuedAt: number
}

/** For how many milliseconds an iterator can be used: 15 minutes. */
const iteratorLifetimeMs = 15 * 60_000

export function iteratorText({ streamArn, shardId, from, issuedAt }: ShardIterator): string {
  return `${streamArn}|1|${Buffer.from(`${shardId}|${from}|${issuedAt}`).toString("base64")}`
}

/** @throws ServiceError ValidationException, ExpiredIteratorException */
export function parseIterator(text: unknown, now: number): ShardIterator {
  const [, streamArn, place] = (typeof text === "string" && /^([^|]+)\|1\|([^|]+)$/.exec(text)) || []
  const [, shardId, from, issuedAt] =
    /^([^|]+)\|(\d+)\|([\d.]+)$/.exec(Buffer.from(place ?? "", "base64").toString()) ?? []
  if (streamArn === undefined || shardId === undefined) throw validationError("Invalid ShardIterator")
  const iterator = { streamArn, shardId, from: Number(from), issuedAt: Number(issuedAt) }
  if (now - iterator.issuedAt > iteratorLifetimeMs)
    throw new ServiceError(
      "ExpiredIteratorException",
      "The shard iterator has expired and can no longer be used to retrieve stream records.",
    )
  return iterator
}
