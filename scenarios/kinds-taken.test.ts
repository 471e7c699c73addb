import { expect, test } from "vitest"
import { properties } from "../properties/invariants.js"
import type { Property } from "../properties/monitor.js"
import { playOf } from "../properties/play.js"
import { referenceEngine } from "../properties/reference-engine.js"
import { simulatedRun } from "../properties/simulated-run.js"
import { watch } from "../properties/watch.js"
import type { TraceEvent } from "../sim/trace.js"
import { scenarios } from "./index.js"

const takingAll = ({ takes: _, ...property }: Property): Property => property

test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
  "%s: a monitor that gets the kinds of event that it takes sees what it would see of all",
  async (_name, scenario) => {
    const trace: TraceEvent[] = []
    const under = { play: playOf("test", scenario), seed: 0, engine: referenceEngine, properties: [] }
    await simulatedRun(under, { onEvent: (event) => trace.push(event) })
    // Cut in the middle as well, where much is still open.
    for (const events of [trace, trace.slice(0, trace.length / 2)]) {
      const some = watch(properties, events)
      const all = watch(properties.map(takingAll), events)
      expect([...some.checked]).toEqual([...all.checked])
      expect(some.violations).toEqual(all.violations)
    }
  },
)
