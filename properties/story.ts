/*
 * A failing run as a story for people: what was given, what was decided, and what happened then, up to the event that
 * broke the property. Reads that brought nothing are left out, and so is the middle of a long story: what led to the
 * end stands near it, and what it began with at the beginning.
 */
import type { Decision } from "../sim/decision.js"
import { decisionText } from "../sim/schedule.js"
import type { ItemRef, TraceEvent } from "../sim/trace.js"

export interface Story {
  /** What the scenario was set up with. */
  readonly setup: unknown
  /** What was drawn for the store; null where nothing was. */
  readonly store: unknown
  readonly decisions: readonly Decision[]
  readonly trace: readonly TraceEvent[]
  /** Undefined when all held. */
  readonly violation: { readonly property: string; readonly message: string } | undefined
}

const mostEvents = 60
const widest = 110

/** The story, line by line, without colours. */
export function storyLines({ setup, store, decisions, trace, violation }: Story): string[] {
  return [
    "given",
    ...setupLines(setup),
    ...(store === null ? [] : [`  on a store with ${plain(store)}`]),
    decisions.length === 0 ? "first in, first out" : "first in, first out, but",
    ...decisions.map((decision) => `  ${decisionText(decision)}`),
    "it happened that",
    ...shortened(eventLines(trace)),
    ...(violation === undefined ? ["  and everything held"] : brokenLines(violation)),
  ]
}

function brokenLines({ property, message }: NonNullable<Story["violation"]>): string[] {
  const [broken = "", ...details] = message.split("\n")
  return [`  ✗ ${property}: ${broken}`, ...details.map((line) => `    ${line}`)]
}

function setupLines(setup: unknown): string[] {
  if (setup === null) return ["  nothing"]
  if (typeof setup !== "object") return [`  ${JSON.stringify(setup)}`]
  const entries = Object.entries(setup)
  const width = Math.max(0, ...entries.map(([name]) => name.length))
  return entries.flatMap(([name, value]) => {
    const text = `  ${name.padEnd(width)}  ${plain(value)}`
    if (text.length <= widest || !Array.isArray(value)) return [text]
    return value.map((item, n) => `  ${(n === 0 ? name : "").padEnd(width)}  ${plain(item)}`)
  })
}

/** JSON without the quotes that nobody needs to read it. */
const plain = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll(/"([\w.+#-]+)":?/g, (quoted, name: string) => (quoted.endsWith(":") ? `${name}: ` : name))
    .replaceAll(",", ", ")

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= mostEvents) return lines
  const first = Math.floor(mostEvents / 3)
  const last = mostEvents - first
  return [...lines.slice(0, first), `  … ${lines.length - mostEvents} more …`, ...lines.slice(-last)]
}

function eventLines(trace: readonly TraceEvent[]): string[] {
  const actors = new Actors()
  const told = trace.flatMap((event) => {
    const [who, what] = actors.tell(event) ?? []
    return who === undefined ? [] : [{ t: event.t, who, what }]
  })
  const merged = mergeAppends(told as Line[])
  const width = Math.max(0, ...merged.map(({ who }) => who.length))
  const digits = String(merged.at(-1)?.t ?? 0).length
  return merged.map(({ t, who, what }) => `  ${String(t).padStart(digits)} ms  ${who.padEnd(width)}  ${what}`)
}

interface Line {
  readonly t: number
  readonly who: string
  readonly what: string
}

/** What was written at one time to one stream is one line. */
function mergeAppends(lines: readonly Line[]): Line[] {
  const merged: Line[] = []
  for (const line of lines) {
    const last = merged.at(-1)
    if (line.who === "store" && last?.who === "store" && last.t === line.t)
      merged[merged.length - 1] = { ...last, what: `${last.what}, ${line.what.replace("has ", "")}` }
    else merged.push(line)
  }
  return merged
}

type Told = readonly [who: string, what: string] | undefined

/** Knows which process a run or a sink belongs to. */
class Actors {
  readonly #processes = new Map<string, string>()

  tell(event: TraceEvent): Told {
    switch (event.kind) {
      case "Appended":
        return ["store", `has ${event.stream}@${event.index}`]
      case "AppendedAgain":
        return ["store", `has ${event.stream}@${event.index} once more, at ${event.pos}`]
      case "RunStarted":
        return this.#started(event)
      case "Loaded":
        return [this.#of(event.run), `begins to read ${event.tranche} at ${event.position}`]
      case "PageRead":
        return event.items.length === 0
          ? undefined
          : [this.#of(event.run), `reads ${items(event.items)} of ${event.from}..${event.checkpoint}`]
      case "CallStarted":
        return [this.#of(event.sink), `handles ${items(event.items)} (call ${event.call})`]
      case "CallReturned":
        return [this.#of(event.sink), `has handled ${event.stream} (call ${event.call}): next is ${event.next}`]
      case "CallThrew":
        return [this.#of(event.sink), `fails to handle ${event.stream} (call ${event.call}): ${event.error}`]
      case "Completed":
        return [this.#of(event.run), `completes page ${event.seq}, up to ${event.checkpoint}`]
      case "CommitStarted":
        return [this.#of(event.run), `stores position ${event.position} of ${event.group}`]
      case "CommitDone":
        return [this.#of(event.run), `has stored position ${event.stored ?? event.position} of ${event.group}`]
      case "ReadFailed":
        return [
          this.#of(event.run),
          `fails to read ${event.what === "page" ? "a page" : "its position"}: ${event.error}`,
        ]
      case "CommitFailed":
        return [this.#of(event.run), `fails to store position ${event.position}: ${event.error}`]
      case "Override":
        return [event.group, `is moved to position ${event.position} of ${event.tranche}`]
      case "RunEnded":
        return [this.#of(event.run), event.outcome === "ok" ? "ends" : `fails: ${event.error ?? "unknown"}`]
      case "AbortRequested":
        return [event.process, "is asked to stop"]
      case "Crashed":
        return [event.process, event.error === undefined ? "crashes" : `crashes, since nobody catches: ${event.error}`]
      case "Fault":
        return event.fault === "crash" ? undefined : [event.process, faultText(event)]
      case "Resumed":
        return [event.process, "goes on after its pause"]
      case "Effect":
        return [event.process, event.effect]
      case "Quiescent":
        return ["world", event.unsettled === undefined ? "comes to rest" : "does not come to rest"]
      case "Admitted":
      case "Slept":
      case "TailReported":
      case "Probe":
      case "Judged":
        return undefined
    }
  }

  #started({ run, sink, process, group, tranche, member, size }: Extract<TraceEvent, { kind: "RunStarted" }>): Told {
    this.#processes.set(run, process)
    this.#processes.set(sink, process)
    const place = member === undefined || size === undefined ? "" : ` as member ${member} of ${size}`
    return [process, `starts ${group} on ${tranche}${place}`]
  }

  #of(name: string): string {
    return this.#processes.get(name) ?? name
  }
}

function faultText({ fault, port, operation, ms }: Extract<TraceEvent, { kind: "Fault" }>): string {
  switch (fault) {
    case "pause":
      return ms === undefined ? "is paused" : `is paused for ${ms} ms`
    case "clockSkew":
      return ms! > 0 ? `has a clock that is ${ms} ms ahead` : `has a clock that is ${-ms!} ms behind`
    case "clockJump":
      return ms! > 0 ? `has its clock jump ${ms} ms ahead` : `has its clock jump ${-ms!} ms back`
    default:
      return `${fault} at ${port}.${operation}${ms === undefined ? "" : `, ${ms} ms`}`
  }
}

/** `account-0@0..2` for consecutive events of one stream, else one by one. */
function items(refs: readonly ItemRef[]): string {
  const spans: { stream: string; first: number; last: number }[] = []
  for (const { stream, index } of refs) {
    const last = spans.at(-1)
    if (last?.stream === stream && last.last + 1 === index) last.last = index
    else spans.push({ stream, first: index, last: index })
  }
  return spans.map(({ stream, first, last }) => `${stream}@${first}${first === last ? "" : `..${last}`}`).join(" ")
}
