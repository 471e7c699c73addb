import * as v from "valibot"
import { flag, integer, text } from "../engine/options.js"
import type { Happening, Stamp } from "../sim/trace.js"

/*
 * What each kind of event has, as a recorded trace writes it: JSON, in which positions are texts of decimal digits. The
 * type makes the table complete; the message of each field completes "must be …".
 */

type Kind = Happening["kind"]
type Of<K extends Kind> = Extract<Happening, { kind: K }>
type Fields<K extends Kind> = Required<Omit<Of<K>, "kind">>
type Entries<K extends Kind> = { readonly [F in keyof Fields<K>]: v.GenericSchema<unknown, Fields<K>[F]> }

const number = v.custom<number>((x) => typeof x === "number", "a number")
const anyText = v.custom<string>((x) => typeof x === "string", "a text")
const position = v.pipe(
  v.custom<string>((x) => typeof x === "string" && /^(0|[1-9]\d*)$/.test(x), 'a text of decimal digits, such as "42"'),
  v.transform((digits: string) => BigInt(digits)),
)
const list = <S extends v.GenericSchema>(item: S, what: string) => v.array(item, `a list of ${what}`)
const one = <const T extends string>(...values: T[]) =>
  v.picklist(values, values.map((value) => JSON.stringify(value)).join(" or "))
const items = list(
  v.strictObject(
    { stream: text, index: integer(0), body: v.exactOptional(text) },
    "an object { stream, index, body? }",
  ),
  "events",
)
const key = { group: text, tranche: text }
const commit = { run: text, ...key, position }
const call = { sink: text, call: integer(0), stream: text }
const unsettled = v.strictObject(
  {
    withinMs: number,
    waiting: list(
      v.strictObject({ process: text, for: list(anyText, "texts") }, "an object { process, for }"),
      "processes",
    ),
  },
  "an object { withinMs, waiting }",
)

const entries: { readonly [K in Kind]: Entries<K> } = {
  Appended: { stream: text, index: integer(0), tranche: text, pos: position, body: v.exactOptional(text) },
  AppendedAgain: { stream: text, index: integer(0), tranche: text, pos: position },
  RunStarted: {
    run: text,
    process: text,
    sink: text,
    ...key,
    categories: v.exactOptional(list(text, "categories")),
    member: v.exactOptional(integer(0)),
    size: v.exactOptional(integer(1)),
    maxConcurrentStreams: v.exactOptional(integer(1)),
    maxReadAhead: v.exactOptional(integer(1)),
    requireCompleteStreams: v.exactOptional(flag),
    checkpointIntervalMs: v.exactOptional(number),
    tailSleepIntervalMs: v.exactOptional(number),
    drainTimeoutMs: v.exactOptional(number),
    maxCheckpointFailures: v.exactOptional(integer(1)),
    maxIdleStreams: v.exactOptional(integer(0)),
    readBackOffMs: v.exactOptional(number),
    maxReadBackOffMs: v.exactOptional(number),
  },
  Loaded: commit,
  PageRead: { run: text, seq: integer(0), from: position, checkpoint: position, isTail: flag, items },
  Admitted: { run: text, seq: integer(0) },
  CallStarted: { ...call, first: number, count: integer(0), items },
  CallReturned: { ...call, result: text, next: number, items },
  CallThrew: { ...call, error: anyText },
  Completed: { run: text, seq: integer(0), checkpoint: position },
  CommitStarted: commit,
  CommitDone: { ...commit, stored: v.exactOptional(position) },
  CommitFailed: { ...commit, error: anyText },
  Override: { ...key, position },
  Slept: { sink: text, ms: number },
  ReadFailed: {
    run: text,
    what: one("page", "position"),
    class: v.exactOptional(one("transient", "configuration", "permanent")),
    error: anyText,
  },
  AbortRequested: { process: text },
  Crashed: { process: text, error: v.exactOptional(anyText) },
  RunEnded: { run: text, outcome: one("ok", "error"), error: v.exactOptional(anyText) },
  TailReported: { run: text },
  Probe: { sink: v.exactOptional(text), of: text, count: number },
  Effect: { process: text, effect: anyText, on: v.exactOptional(text) },
  Judged: { rule: text, broken: v.exactOptional(anyText) },
  Fault: { fault: text, process: text, port: anyText, operation: anyText, ms: v.exactOptional(number) },
  Resumed: { process: text },
  Quiescent: { unsettled: v.exactOptional(unsettled) },
}

const stamp: { readonly [F in keyof Required<Omit<Stamp, "n">>]: v.GenericSchema<unknown, Stamp[F]> } = {
  t: v.custom<number>((x) => typeof x === "number" && x >= 0, "a number of at least 0"),
  turn: v.exactOptional(integer(0)),
}

type Line = v.GenericSchema<unknown, Happening & Omit<Stamp, "n">>

/** Of the objects that the lines of a trace hold, by kind. */
export const schemas: ReadonlyMap<unknown, Line> = new Map(
  Object.entries(entries).map(([kind, fields]) => [kind, lineSchema({ ...stamp, kind: v.literal(kind), ...fields })]),
)

function lineSchema(fields: v.ObjectEntries): Line {
  const names = Object.entries(fields).map(([name, { type }]) => (type === "exact_optional" ? `${name}?` : name))
  return v.strictObject(fields, `an object { ${names.join(", ")} }`) as v.GenericSchema as Line
}
