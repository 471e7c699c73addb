/** What the service checks of requests to streams, with the service's texts. */
import type { GetShardIteratorInput } from "@aws-sdk/client-dynamodb-streams"
import { sequenceOf } from "./sequence-numbers.js"
import { invalidParameter, ServiceError, validationError } from "./service-error.js"
import type { StreamShard } from "./stream-shard.js"

/** @throws ServiceError ValidationException */
export function checkLimit(limit: number | undefined, max: number, tooMany: string): void {
  if (limit === undefined) return
  if (limit < 1) throw constraint("limit", limit, "value greater than or equal to 1")
  if (limit > max) throw invalidParameter(tooMany)
}

/** @throws ServiceError ValidationException */
export function checkShardId(member: string, id: string): void {
  checkTextLength(member, id, 28, 65)
}

/**
 * The sequence number that an iterator of the type that is asked for reads from.
 * @param last the newest sequence number of the database
 * @throws ServiceError ValidationException, TrimmedDataAccessException
 */
export function positionIn(shard: StreamShard, request: GetShardIteratorInput, last: number): number {
  const { ShardIteratorType: type, SequenceNumber: text } = request
  switch (type) {
    case "TRIM_HORIZON":
    case "LATEST":
      if (text !== undefined) throw invalidParameter("SequenceNumber should not be passed for this iterator type")
      return type === "LATEST" ? last + 1 : shard.horizon
    case "AT_SEQUENCE_NUMBER":
      return numberIn(shard, text, last)
    case "AFTER_SEQUENCE_NUMBER":
      return numberIn(shard, text, last) + 1
    default:
      throw validationError("Invalid ShardIteratorType.")
  }
}

/** The iterator is older than the oldest record. */
export function trimmedData(): ServiceError {
  return new ServiceError(
    "TrimmedDataAccessException",
    "The operation attempted to read past the oldest stream record in a shard.",
  )
}

function numberIn(shard: StreamShard, text: string | undefined, last: number): number {
  if (text === undefined) throw invalidParameter("Invalid SequenceNumber")
  checkTextLength("sequenceNumber", text, 21, 40)
  if (!/^\d+$/.test(text)) throw invalidParameter("Invalid SequenceNumber")
  const sequence = sequenceOf(text)
  if (sequence < shard.starting || sequence > (shard.ending ?? last))
    throw validationError("Invalid SequenceNumber for the shard")
  if (sequence <= shard.trimmedTo) throw trimmedData()
  return sequence
}

function checkTextLength(member: string, text: string, min: number, max: number): void {
  if (text.length < min) throw constraint(member, text, `length greater than or equal to ${min}`)
  if (text.length > max) throw constraint(member, text, `length less than or equal to ${max}`)
}

function constraint(member: string, value: string | number, accepted: string): ServiceError {
  return validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have ${accepted}`,
  )
}
