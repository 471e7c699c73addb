import type { Happening } from "./trace.js"

type Fields = {
  readonly [K in Happening["kind"]]: Readonly<Record<Exclude<keyof Extract<Happening, { kind: K }>, "kind">, true>>
}

/** The fields of each happening in the order in which they are written. The type makes the table complete. */
const fields: Fields = {
  Appended: { stream: true, index: true, tranche: true, pos: true, body: true },
  AppendedAgain: { stream: true, index: true, tranche: true, pos: true },
  RunStarted: {
    run: true,
    process: true,
    sink: true,
    group: true,
    tranche: true,
    categories: true,
    member: true,
    size: true,
    maxConcurrentStreams: true,
    maxReadAhead: true,
    requireCompleteStreams: true,
    checkpointIntervalMs: true,
    tailSleepIntervalMs: true,
    drainTimeoutMs: true,
    maxCheckpointFailures: true,
    maxIdleStreams: true,
    readBackOffMs: true,
    maxReadBackOffMs: true,
  },
  Loaded: { run: true, group: true, tranche: true, position: true },
  PageRead: { run: true, seq: true, from: true, checkpoint: true, isTail: true, items: true },
  Admitted: { run: true, seq: true },
  CallStarted: { sink: true, call: true, stream: true, first: true, count: true, items: true },
  CallReturned: { sink: true, call: true, stream: true, result: true, next: true, items: true },
  CallThrew: { sink: true, call: true, stream: true, error: true },
  Completed: { run: true, seq: true, checkpoint: true },
  CommitStarted: { run: true, group: true, tranche: true, position: true },
  CommitDone: { run: true, group: true, tranche: true, position: true, stored: true },
  CommitFailed: { run: true, group: true, tranche: true, position: true, error: true },
  Override: { group: true, tranche: true, position: true },
  Slept: { sink: true, ms: true },
  ReadFailed: { run: true, what: true, class: true, error: true },
  AbortRequested: { process: true },
  Crashed: { process: true, error: true },
  RunEnded: { run: true, outcome: true, error: true },
  TailReported: { run: true },
  Probe: { sink: true, of: true, count: true },
  Effect: { process: true, effect: true, on: true },
  Judged: { rule: true, broken: true },
  Fault: { fault: true, process: true, port: true, operation: true, ms: true },
  Resumed: { process: true },
  Quiescent: { unsettled: true },
}

const namesOf = new Map(
  Object.entries(fields).map(([kind, names]) => [kind, Object.keys(names).map((key) => ({ key, prefix: ` ${key}=` }))]),
)

/**
 * One line for one happening, equal for equal happenings however the object was put together: fields in declared
 * order, absent ones left out, bigints as decimal digits.
 */
export function canonicalText(happening: Happening): string {
  let line: string = happening.kind
  for (const { key, prefix } of namesOf.get(happening.kind) ?? []) {
    const value = (happening as unknown as Record<string, unknown>)[key]
    if (value !== undefined) line += prefix + valueText(value)
  }
  return line
}

// Every event of every run comes through here: plain loops cost half of what chains of array methods do.
function valueText(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") return `${value}`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  let inner = ""
  if (Array.isArray(value)) {
    for (const item of value) inner += inner === "" ? valueText(item) : `,${valueText(item)}`
    return `[${inner}]`
  }
  for (const key of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[key]
    if (field !== undefined) inner += `${inner === "" ? "" : ","}${key}:${valueText(field)}`
  }
  return `{${inner}}`
}
