import { describe, expect, test } from "vitest"
import { drawn } from "../properties/drawn.js"
import { properties } from "../properties/invariants.js"
import { playOf } from "../properties/play.js"
import { referenceEngine } from "../properties/reference-engine.js"
import { storesOf } from "../properties/scenario.js"
import { type Setup, setupOf } from "../properties/setup.js"
import { simulatedRun } from "../properties/simulated-run.js"
import { demandsOf } from "../properties/vacuity.js"
import type { History } from "../properties/deployment/history.js"
import { scenarios } from "./index.js"

const plays = scenarios.flatMap((scenario) => storesOf(scenario).map((on) => playOf("test", scenario, on)))

describe.each(plays.map((play) => [play.scenario.name, play.on, play] as const))("%s on %s", (_name, _on, play) => {
  test("is set up with plain JSON, which a case file can hold", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { value } = drawn(setupOf(play), seed)
      expect(JSON.parse(JSON.stringify(value))).toEqual(value)
    }
  })

  test("demands what it is about, and nothing that cannot come about", () => {
    const { name, sometimes = {} } = play.scenario
    expect(Object.keys(sometimes)).not.toEqual([])
    expect(demandsOf(name, sometimes, play.on)).toEqual({ handled: 1, ...sometimes })
  })

  test("holds with the simplest setup there is, which has a single event in each history", async () => {
    const setup = simplest(drawn(setupOf(play), 1))
    for (const history of historiesOf(setup.scenario)) expect(history).toMatchObject([{ count: 1, afterMs: 0 }])
    const { watch, failure } = await simulatedRun({ play, seed: 1, engine: referenceEngine, properties, setup })
    expect({ failure, violations: watch.violations }).toEqual({ failure: undefined, violations: [] })

    function simplest(start: ReturnType<typeof drawn<Setup>>): Setup {
      let present = start
      for (;;) {
        const next = setupOf(play).shrink(present.value_, present.context).getNthOrLast(0)
        if (next === null) return present.value_
        present = next
      }
    }
  })
})

/** Whatever in a setup is a list of appends. */
function historiesOf(setup: unknown): History[] {
  if (typeof setup !== "object" || setup === null) return []
  if (Array.isArray(setup) && typeof (setup[0] as History[number] | undefined)?.stream === "string")
    return [setup as History]
  return Object.values(setup).flatMap(historiesOf)
}
