import type { Subject } from "../sim/step-label.js"
import { ByText } from "./by-text.js"

/*
 * What a statement to a Message DB is about, from its text: so that steps have telling names, and fault plans can speak of
 * checkpoint writes where the driver knows queries only. Of its values those are named that say where: streams, categories,
 * groups. Bodies are not.
 */

const known =
  /\b(write_message|get_stream_messages|get_last_stream_message|stream_version|get_category_messages|max\(global_position\)|eqx_checkpoint)/i

export const commitCheckpoint = "commitCheckpoint"
const writes: ReadonlySet<string> = new Set(["write_message", commitCheckpoint, "establishCheckpoint"])
const ends = /^\s*(begin|commit|rollback)\b/i

/** For a port of a pool, or of a connection that it handed out. */
export function messageDbCall(operation: string, args: readonly unknown[]): Subject | undefined {
  if (operation !== "query") return undefined
  const [text, values] = statementOf(args)
  return subjects.of(text)?.(values)
}

const subjects = new ByText((text): ((values: readonly unknown[]) => Subject) | undefined => {
  const found = known.exec(text)?.[1]?.toLowerCase()
  if (found === undefined) {
    const end = ends.exec(text)?.[1]?.toLowerCase()
    return end === undefined ? undefined : () => ({ what: end })
  }
  switch (found) {
    case "write_message":
      return (values) => named(found, values[1])
    case "max(global_position)":
      return (values) => named("highest position", values[0])
    case "eqx_checkpoint": {
      const call = checkpointCall(text)
      return (values) => named(call, values[0], values[1])
    }
    default:
      return (values) => named(found, values[0])
  }
})

/** Whether the call changes something, so that it can meet another one that does. */
export function isWrite(operation: string, args: readonly unknown[]): boolean {
  const what = messageDbCall(operation, args)?.what
  return what !== undefined && writes.has(what)
}

function checkpointCall(text: string): string {
  if (/^\s*select/i.test(text)) return "loadCheckpoint"
  if (/do\s+nothing/i.test(text)) return "establishCheckpoint"
  return /^\s*(insert|update)/i.test(text) ? commitCheckpoint : "checkpoints"
}

function statementOf([query, values]: readonly unknown[]): [text: string, values: readonly unknown[]] {
  const config = (typeof query === "object" && query !== null ? query : { text: query }) as {
    readonly text?: unknown
    readonly values?: unknown
  }
  const given = Array.isArray(values) ? values : config.values
  return [typeof config.text === "string" ? config.text : "", Array.isArray(given) ? (given as unknown[]) : []]
}

const named = (what: string, ...of: readonly unknown[]): Subject => {
  const names = of.filter((name) => typeof name === "string")
  return names.length === 0 ? { what } : { what, of: names.join("/") }
}
