/*
 * Streams that were exported from a store, as a file of JSON: to be shown to a reaction in other orders across streams.
 * Within a stream everything is as it was, from its first event on.
 */
import { readFileSync } from "node:fs"
import * as v from "valibot"
import type { SampleEvent } from "./history.js"

const format = "windtunnel-events"
/** It changes when a reader of the earlier one would no longer understand it. */
const formatVersion = 1

/** A file that is no export, or not one as it should be. */
export class ExportFileError extends Error {
  override readonly name = "ExportFileError"
}

export type ExportedStreams = Readonly<Record<string, readonly SampleEvent[]>>

const schema = v.object({
  format: v.literal(format),
  version: v.literal(formatVersion),
  streams: v.record(
    v.pipe(v.string(), v.includes("-", "the name of a stream, {category}-{id}")),
    v.array(v.object({ type: v.string(), data: v.optional(v.unknown()), meta: v.optional(v.unknown()) })),
  ),
})

export const exportText = (streams: ExportedStreams): string =>
  `${JSON.stringify({ format, version: formatVersion, streams }, undefined, 1)}\n`

/**
 * The streams of a file that `windtunnel export` wrote, for the option `events` of `fuzz`.
 * @throws ExportFileError, and what reading the file fails with
 */
export function exportedStreams(file: string): ExportedStreams {
  const result = v.safeParse(schema, parsed(readFileSync(file, "utf8")))
  if (result.success) return result.output.streams
  const [issue] = result.issues
  const where = v.getDotPath(issue) ?? "it"
  // Of a field that is missing the library tells the name instead of the value.
  const expected = where === "format" ? JSON.stringify(format) : issue.expected
  throw new ExportFileError(
    `${file} is no file that windtunnel export wrote, of version ${formatVersion}: ${where} must be ${expected}, received ${issue.received}`,
  )
}

/**
 * The same without what it says: other texts and numbers, in the same shape. Equal texts stay equal, within the export, so
 * that references between events still hold. Names of fields, types of events and names of streams stay.
 */
export function redacted(streams: ExportedStreams): ExportedStreams {
  const texts = new Map<string, string>()
  const inPlaceOf = (value: unknown): unknown => {
    if (typeof value === "string") {
      const known = texts.get(value) ?? `text-${texts.size + 1}`
      texts.set(value, known)
      return known
    }
    if (typeof value === "number") return 0
    if (Array.isArray(value)) return value.map(inPlaceOf)
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, inPlaceOf(field)]))
  }
  const event = ({ type, data, meta }: SampleEvent): SampleEvent => ({
    type,
    ...(data !== undefined && { data: inPlaceOf(data) }),
    ...(meta !== undefined && { meta: inPlaceOf(meta) }),
  })
  return Object.fromEntries(Object.entries(streams).map(([name, events]) => [name, events.map(event)]))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
