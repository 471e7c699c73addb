import type { ScanInput } from "@aws-sdk/client-dynamodb"
import type { DatabaseState } from "../database-state.js"
import { allHashes, type HashRange, hashOf, type Place } from "../partitions.js"
import { placeholdersOf } from "../request-expressions.js"
import { refuse, requireMember } from "../request-validation.js"
import { validationError } from "../service-error.js"
import { startKey } from "../start-key.js"
import { legacyScan } from "./legacy-parameters.js"
import {
  checkPageRequest,
  checkSelection,
  type PageOutput,
  readPage,
  selectionOf,
  type Source,
  sourceOf,
} from "./page.js"

export function scan(state: DatabaseState, input: ScanInput): PageOutput {
  refuse("Scan", input, legacyScan)
  requireMember("tableName", input.TableName)
  checkPageRequest(input)
  const range = segmentOf(input)
  const { FilterExpression, ProjectionExpression } = input
  const placeholders = placeholdersOf(input, { FilterExpression }, ProjectionExpression)
  const selection = selectionOf(input, placeholders)
  placeholders.assertAllUsed()
  const source = sourceOf(state, input)
  checkSelection(source, selection, false)
  const after = input.ExclusiveStartKey && startOf(source, input.ExclusiveStartKey, range)
  return readPage("Scan", state, source, input, selection, (asOf, visit) => source.rows.scan(range, after, asOf, visit))
}

/** A segment is an equal part of all hashes. */
function segmentOf({ Segment, TotalSegments }: ScanInput): HashRange {
  if (TotalSegments === undefined) {
    if (Segment === undefined) return allHashes
    throw validationError(
      "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
    )
  }
  if (Segment === undefined)
    throw validationError(
      "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
    )
  checkSegment(Segment, TotalSegments)
  const bound = (segment: number) => Math.ceil((segment * allHashes.to) / TotalSegments)
  return { from: bound(Segment), to: bound(Segment + 1) }
}

function checkSegment(segment: number, total: number): void {
  if (total < 1) throw outOfRange("totalSegments", total, "greater than or equal to 1")
  if (total > 1_000_000) throw outOfRange("totalSegments", total, "less than or equal to 1000000")
  if (segment < 0) throw outOfRange("segment", segment, "greater than or equal to 0")
  if (segment >= total)
    throw validationError(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${total}`,
    )
}

function startOf(source: Source, given: NonNullable<ScanInput["ExclusiveStartKey"]>, range: HashRange): Place {
  const { place } = startKey(source.table, source.index, given)
  const hash = hashOf(place.hash)
  if (hash >= range.from && hash < range.to) return place
  throw validationError(
    "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments and Segment combination",
  )
}

function outOfRange(member: string, value: number, constraint: string): Error {
  return validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have value ${constraint}`,
  )
}
