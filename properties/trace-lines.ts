/*
 * Recorded traces: JSON Lines. The first line is a header, which names the format and its version; each of the others is
 * one event, in the order in which things happened. Positions are texts of decimal digits, since JSON has no large
 * integers; bodies are digests only. The n-th event, from 0, is line n + 2, so events carry no number.
 *
 * A file is read in pieces and each event is handed on at once: what is kept is the line at hand, and the names of the
 * runs and sinks that were started. An event of a run that never was would be passed over by every monitor, and a trace
 * with a wrong name in it would hold because nothing in it is looked at; so that is an error.
 */
import * as v from "valibot"
import { shown } from "../engine/options.js"
import type { Happening, TraceEvent } from "../sim/trace.js"
import { schemas } from "./trace-schema.js"

/** A file that is no trace, or not one as it should be: the message says which, where and why. */
export class TraceFileError extends Error {
  override readonly name = "TraceFileError"
}

const format = "windtunnel-trace"
/** It changes when a reader of the earlier one would no longer understand it. */
const formatVersion = 1

/** No line is longer, in characters: where one is, the file is something else. */
const longestLine = 64 * 1024 * 1024

/** Where an event stands in a file, from 1. */
export const lineOf = ({ n }: Pick<TraceEvent, "n">): number => n + 2

/** @param source What was recorded, for people. */
export const headerLine = (source: string): string => `${JSON.stringify({ format, version: formatVersion, source })}\n`

export const eventLine = ({ n: _, t, turn, kind, ...fields }: TraceEvent): string =>
  `${JSON.stringify({ t, turn, kind, ...fields }, digits)}\n`

const digits = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value)

/** Takes a trace piece by piece, and hands on its events. */
export class TraceReader {
  readonly #name: string
  readonly #observe: (event: TraceEvent) => void
  readonly #runs = new Set<string>()
  readonly #sinks = new Set<string>()
  /** The beginning of a line whose end has not come. */
  #begun = ""
  #lines = 0
  #t = 0

  /** @param name Of the file, for messages. */
  constructor(name: string, observe: (event: TraceEvent) => void) {
    this.#name = name
    this.#observe = observe
  }

  /** How many events were handed on. */
  get events(): number {
    return Math.max(0, this.#lines - 1)
  }

  /** Milliseconds from the beginning of the trace to its last event. */
  get lastMs(): number {
    return this.#t
  }

  /** @throws TraceFileError */
  read(piece: string): void {
    let from = 0
    for (let to = piece.indexOf("\n"); to >= 0; to = piece.indexOf("\n", from)) {
      const line = this.#begun + piece.slice(from, to)
      this.#begun = ""
      this.#take(line, parsed(line))
      from = to + 1
    }
    this.#begun += piece.slice(from)
    if (this.#begun.length > longestLine) throw this.#wrong(`the line is longer than ${longestLine} characters`)
  }

  /** There is no more. A last line may lack its line break, but nothing else. @throws TraceFileError */
  end(): void {
    if (this.#begun !== "") {
      const document = parsed(this.#begun)
      if (document === undefined && this.#lines > 0)
        throw this.#wrong(
          `the line is cut off after ${this.#begun.length} characters, as when a recording was stopped in the middle: without this line the trace can be read`,
        )
      this.#take(this.#begun, document)
    }
    if (this.#lines === 0)
      throw new TraceFileError(`${this.#name} is empty: a trace begins with ${headerLine("…").trimEnd()}`)
  }

  #take(line: string, document: unknown): void {
    if (this.#lines === 0) this.#header(document)
    else this.#event(line, document)
  }

  #header(document: unknown): void {
    const { format: given, version } = (document ?? {}) as Record<string, unknown>
    if (given !== format)
      throw this.#wrong(`no header of a trace, which must be an object with "format": "${format}" and "version"`)
    if (version !== formatVersion)
      throw this.#wrong(`version must be ${formatVersion}, which is that of the format, received ${shown(version)}`)
    this.#lines = 1
  }

  #event(line: string, document: unknown): void {
    if (document === undefined) throw this.#wrong(line.trim() === "" ? "the line is empty" : "the line is no JSON")
    const { kind } = (document ?? {}) as Record<string, unknown>
    const schema = schemas.get(kind)
    if (schema === undefined)
      throw this.#wrong(`kind must be one of ${[...schemas.keys()].join(", ")}, received ${shown(kind)}`)
    const result = v.safeParse(schema, document, { abortEarly: true })
    if (!result.success) throw this.#wrong(faultOf(kind as string, result.issues[0]))
    const event = { n: this.#lines - 1, ...result.output }
    this.#mustFollow(event)
    this.#lines++
    this.#t = event.t
    this.#observe(event)
  }

  /** What a line alone does not tell. */
  #mustFollow(event: TraceEvent): void {
    if (event.t < this.#t)
      throw this.#wrong(`${event.kind}.t must be at least that of the line before, ${this.#t}, received ${event.t}`)
    if (event.kind === "RunStarted") {
      if (this.#runs.has(event.run))
        throw this.#wrong(`RunStarted.run must be a name that no run had before, received ${shown(event.run)}`)
      this.#runs.add(event.run)
      this.#sinks.add(event.sink)
      return
    }
    if ("run" in event && !this.#runs.has(event.run)) throw this.#wrong(unknown(event, "run", event.run))
    if ("sink" in event && event.sink !== undefined && !this.#sinks.has(event.sink))
      throw this.#wrong(unknown(event, "sink", event.sink))
  }

  #wrong(what: string): TraceFileError {
    return new TraceFileError(`${this.#name}, line ${this.#lines + 1}: ${what}`)
  }
}

const unknown = ({ kind }: Happening, field: string, name: string): string =>
  `${kind}.${field} must be one that a RunStarted before it has, received ${shown(name)}`

/** Undefined for what is no JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Values of fields that are unknown are not shown: nobody knows what they hold. */
function faultOf(kind: string, issue: v.BaseIssue<unknown>): string {
  const path = issue.path ?? []
  const last = path.at(-1)
  const name = path.reduce(
    (sum, { key }) => (typeof key === "number" ? `${sum}[${key}]` : `${sum}.${String(key)}`),
    kind,
  )
  if (last?.origin === "key")
    return `${name} is ${issue.expected === "never" ? "unknown" : "missing"}: there must be ${issue.message}`
  return `${name} must be ${issue.message}, received ${shown(last?.value)}`
}
