import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { canonicalText } from "./canonical-text.js"
import type { Happening, TraceEvent } from "./trace.js"
import { TraceRecorder } from "./trace-recorder.js"

const loaded: Happening = { kind: "Loaded", run: "r", group: "g", tranche: "t", position: 12345678901234567890n }

describe("TraceRecorder", () => {
  it("numbers events from 0, stamps them with the elapsed time, and passes them on in order", () => {
    let now = 0
    const trace = new TraceRecorder(() => now)
    const heard: TraceEvent[] = []
    trace.subscribe((event) => heard.push(event))
    trace.emit(loaded)
    now = 17
    trace.emit({ kind: "Quiescent" })
    expect(heard).toEqual([
      { ...loaded, n: 0, t: 0 },
      { kind: "Quiescent", n: 1, t: 17 },
    ])
    expect(trace.length).toBe(2)
  })

  it("stamps what comes out of another trace anew, and leaves what it was given as it is", () => {
    const trace = new TraceRecorder(() => 5)
    const heard: TraceEvent[] = []
    trace.subscribe((event) => heard.push(event))
    const before = Object.freeze({ ...loaded, n: 77, t: 1_000 })
    trace.emit(before)
    expect(heard).toEqual([{ ...loaded, n: 0, t: 5 }])
  })

  it("digests number, time and canonical text of each event, and the scheduler's decisions between them", () => {
    const trace = new TraceRecorder(() => 5)
    trace.emit(loaded)
    trace.decided("consumer#1 database.query request")
    trace.emit({ kind: "Quiescent" })
    const text = [
      '0 5 Loaded run="r" group="g" tranche="t" position=12345678901234567890',
      "> 5 consumer#1 database.query request",
      "1 5 Quiescent",
      "",
    ].join("\n")
    expect(trace.hash()).toBe(createHash("sha256").update(text).digest("hex"))
  })

  it("goes on after its digest was asked for, and digests long traces piece by piece to the same end", () => {
    const long = Array.from({ length: 5_000 }, (_, seq): Happening => ({ kind: "Admitted", run: "r", seq }))
    const asked = new TraceRecorder(() => 0)
    const unasked = new TraceRecorder(() => 0)
    for (const happening of long) {
      asked.emit(happening)
      unasked.emit(happening)
      if (happening.kind === "Admitted" && happening.seq % 777 === 0) asked.hash()
    }
    expect(asked.hash()).toBe(unasked.hash())
    unasked.emit({ kind: "Quiescent" })
    expect(asked.hash()).not.toBe(unasked.hash())
  })
})

describe("canonicalText", () => {
  it("is the same for the same happening, however the object was put together", () => {
    const items = [{ stream: "a-1", index: 0 }]
    const one: Happening = { kind: "CallStarted", sink: "s", call: 1, stream: "a-1", first: 0, count: 1, items }
    const other: Happening = { items, count: 1, first: 0, stream: "a-1", call: 1, sink: "s", kind: "CallStarted" }
    expect(canonicalText(other)).toBe(canonicalText(one))
    expect(canonicalText(one)).toMatchInlineSnapshot(
      `"CallStarted sink="s" call=1 stream="a-1" first=0 count=1 items=[{index:0,stream:"a-1"}]"`,
    )
  })

  it("tells text from numbers, and strings with line breaks and quotes from their neighbours", () => {
    const failed = (error: string): Happening => ({ kind: "CallThrew", sink: "s", call: 1, stream: "a-1", error })
    const texts = ["1", 'a" error="b', "a\nQuiescent"].map((error) => canonicalText(failed(error)))
    expect(texts).toMatchInlineSnapshot(`
      [
        "CallThrew sink="s" call=1 stream="a-1" error="1"",
        "CallThrew sink="s" call=1 stream="a-1" error="a\\" error=\\"b"",
        "CallThrew sink="s" call=1 stream="a-1" error="a\\nQuiescent"",
      ]
    `)
    for (const text of texts) expect(text).not.toContain("\n")
  })
})
