import { readFileSync } from "node:fs"
import fc from "fast-check"
import { expect, test } from "vitest"
import type { TraceEvent } from "../sim/trace.js"
import { assumptions } from "./assumption.js"
import { eventLine, headerLine, TraceReader } from "./trace-lines.js"
import { schemas } from "./trace-schema.js"
import { parseTrace } from "./trace-text.js"

const docs = readFileSync(new URL("../docs/traces.md", import.meta.url), "utf8")

const trace = parseTrace(`
  append a-1@0=x a 9007199254740993
  run r c#1 sink=s group=g tranche=a only=a,b member=0/3 streams=10 ahead=3
  loaded r 0
  at 5
  read r #1 0..9007199254740994 a-1@0=x
  admit r #1
  call s #1 a-1@0=x
  return s #1 partial 1
  call s #2 a-1@1
  throw s #2 out of paper
  complete r #1 9007199254740994
  commit r 7
  committed r 7 stored=8
  failed r 8
  override g a 3
  fault delay c#1
  abort c#1
  crash c#1
  end r ok
  quiescent
`)

const text = headerLine("a test") + trace.map(eventLine).join("")

/** Reads a file in pieces that end where these say. */
function read(file: string, ends: readonly number[] = []): readonly TraceEvent[] {
  const events: TraceEvent[] = []
  const reader = new TraceReader("my.jsonl", (event) => events.push(event))
  let from = 0
  for (const to of [...ends, file.length]) {
    reader.read(file.slice(from, to))
    from = to
  }
  reader.end()
  return events
}

function refusal(file: string): string {
  try {
    read(file)
  } catch (error) {
    return (error as Error).message
  }
  return "accepted"
}

test("what was written is read again, to the last digit", () => {
  expect(read(text)).toEqual(trace)
})

test("a file may come in any pieces, and end without a line break", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(text.length - 1), { maxLength: 8 }), fc.boolean(), (ends, cut) => {
      expect(
        read(
          cut ? text.slice(0, -1) : text,
          ends.toSorted((a, b) => a - b),
        ),
      ).toEqual(trace)
    }),
  )
})

test("a file that is none, or not as it should be, is refused with the line, the field, the value and what is accepted", () => {
  const header = headerLine("a test")
  const start = eventLine(trace[1]!)
  const page = { t: 0, kind: "PageRead", run: "r", seq: 1, from: "0", checkpoint: "1", isTail: false, items: [] }
  const threw = { t: 0, kind: "CallThrew", sink: "x", call: 1, stream: "a-1", error: "" }
  const line = (value: unknown) => `${JSON.stringify(value)}\n`
  const files = {
    "nothing at all": "",
    "another file": line({ name: "x" }),
    "another version": line({ format: "windtunnel-trace", version: 2 }),
    "no JSON": `${header}{]\n`,
    "an empty line": `${header}\n`,
    "a line that ends in the middle": text.slice(0, -12),
    "an unknown kind": header + line({ t: 0, kind: "Apended" }),
    "no object": header + line(7),
    "a field missing": header + line({ t: 0, kind: "Crashed" }),
    "an unknown field": header + line({ t: 0, kind: "Crashed", process: "c", data: "secret" }),
    "a number for a position": header + start + line({ ...page, from: 0 }),
    "a fraction for an index": header + start + line({ ...page, items: [{ stream: "a-1", index: 0.5 }] }),
    "a body in an item": header + start + line({ ...page, items: [{ stream: "a-1", index: 0, data: "secret" }] }),
    "time that goes back": header + start.replace('"t":0', '"t":9') + line(page),
    "a run that never started": header + line(page),
    "a run that started twice": header + start + start,
    "a call of no sink": header + start + line(threw),
  }
  const kinds = [...schemas.keys()].join(", ")
  const refusals = Object.entries(files).map(([name, file]) => `${name}: ${refusal(file).replace(kinds, "…")}`)
  expect(refusals).toMatchInlineSnapshot(`
    [
      "nothing at all: my.jsonl is empty: a trace begins with {"format":"windtunnel-trace","version":1,"source":"…"}",
      "another file: my.jsonl, line 1: no header of a trace, which must be an object with "format": "windtunnel-trace" and "version"",
      "another version: my.jsonl, line 1: version must be 1, which is that of the format, received 2",
      "no JSON: my.jsonl, line 2: the line is no JSON",
      "an empty line: my.jsonl, line 2: the line is empty",
      "a line that ends in the middle: my.jsonl, line 20: the line is cut off after 15 characters, as when a recording was stopped in the middle: without this line the trace can be read",
      "an unknown kind: my.jsonl, line 2: kind must be one of …, received "Apended"",
      "no object: my.jsonl, line 2: kind must be one of …, received undefined",
      "a field missing: my.jsonl, line 2: Crashed.process is missing: there must be an object { t, turn?, kind, process, error? }",
      "an unknown field: my.jsonl, line 2: Crashed.data is unknown: there must be an object { t, turn?, kind, process, error? }",
      "a number for a position: my.jsonl, line 3: PageRead.from must be a text of decimal digits, such as "42", received 0",
      "a fraction for an index: my.jsonl, line 3: PageRead.items[0].index must be an integer of at least 0, received 0.5",
      "a body in an item: my.jsonl, line 3: PageRead.items[0].data is unknown: there must be an object { stream, index, body? }",
      "time that goes back: my.jsonl, line 3: PageRead.t must be at least that of the line before, 9, received 0",
      "a run that never started: my.jsonl, line 2: PageRead.run must be one that a RunStarted before it has, received "r"",
      "a run that started twice: my.jsonl, line 3: RunStarted.run must be a name that no run had before, received "r"",
      "a call of no sink: my.jsonl, line 3: CallThrew.sink must be one that a RunStarted before it has, received "x"",
    ]
  `)
})

test("the documentation names every kind of event, and each of its fields", () => {
  const [, table] = docs.split("## The events")
  const rows = [...table!.matchAll(/^\| `(\w+)` +\| (.*?) +\|/gm)]
  const documented = new Map(
    rows.map(([, kind, fields]) => [kind!, [...fields!.matchAll(/`(\w+\??)`/g)].map(([, f]) => f!)]),
  )
  const accepted = new Map(
    [...schemas].map(([kind, schema]) => {
      const { entries } = schema as unknown as { entries: Record<string, { type: string }> }
      const names = Object.entries(entries).filter(([name]) => !["t", "turn", "kind"].includes(name))
      return [kind, names.map(([name, { type }]) => (type === "exact_optional" ? `${name}?` : name))]
    }),
  )
  expect(documented).toEqual(accepted)
})

test("the documentation names every assumption, in its words", () => {
  for (const meaning of Object.values(assumptions)) expect(docs.replaceAll("`", "")).toContain(meaning)
})

test("the example of the documentation is a trace", () => {
  const [, example] = /^```jsonl\n(.*?)^```$/ms.exec(docs)!
  expect(read(example!).map(({ kind }) => kind)).toHaveLength(9)
})
