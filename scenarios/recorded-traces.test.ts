import { expect, test } from "vitest"
import { properties } from "../properties/invariants.js"
import { check } from "../properties/check.js"
import { storesOf } from "../properties/scenario.js"
import { eventLine, headerLine, TraceReader } from "../properties/trace-lines.js"
import type { TraceEvent } from "../sim/trace.js"
import { Watch } from "../properties/watch.js"
import { scenarios } from "./index.js"

const plays = scenarios.flatMap((scenario) => storesOf(scenario).map((on) => [scenario.name, on, scenario] as const))

test.each(plays)("%s on %s: its trace is the same from a file, and judged alike", async (_, on, scenario) => {
  const events: TraceEvent[] = []
  const result = await check(scenario, { on, store: "fake", seed: 5, onEvent: (event) => events.push(event) })
  const read: TraceEvent[] = []
  const watch = new Watch(properties, { without: scenario.breaks ?? [] })
  const reader = new TraceReader("trace.jsonl", (event) => {
    read.push(event)
    watch.observe(event)
  })
  reader.read(headerLine("a run") + events.map(eventLine).join(""))
  reader.end()
  watch.end()
  expect(read).toEqual(events)
  for (const [id, { checked }] of Object.entries(result.properties))
    expect(watch.checked.get(id) ?? 0, id).toBe(checked)
})
