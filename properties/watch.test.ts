import { describe, expect, test } from "vitest"
import type { Assumption } from "./assumption.js"
import { checkpointSafety } from "./checkpoint-safety.js"
import { properties } from "./invariants.js"
import type { Property } from "./monitor.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"
import { wellFormedSpan } from "./well-formed-span.js"

/** Objects to every event that it gets, and says which that is. */
const objecting = (id: string, more: Partial<Property> = {}): Property => ({
  ...{ id, title: id, statement: "Nothing happens.", weakened: "Never.", ...more },
  monitor: () => {
    let checked = 0
    return {
      get checked() {
        return checked
      },
      observe: ({ kind }) => `${++checked}: ${kind}`,
    }
  },
})

const trace = parseTrace(`
  run r1 c#1
  loaded r1 0
  crash c#1
`)

describe("an event", () => {
  test("goes to the monitors that take its kind, and to those that take all", () => {
    const { violations, checked } = watch([objecting("X-1", { takes: ["Crashed"] }), objecting("X-2")], trace)
    expect(violations).toEqual([
      { property: "X-2", message: "1: RunStarted (event 0, 0 ms)" },
      { property: "X-1", message: "1: Crashed (event 2, 0 ms)" },
    ])
    expect([...checked]).toEqual([
      ["X-1", 1],
      ["X-2", 3],
    ])
  })
})

describe("without an assumption", () => {
  test("what rests on it is not asked, and the watch says so", () => {
    const resting = objecting("X-1", { assumes: { A1: "not asked", A5: "asks less" } })
    const { violations, checked, weakened } = watch([resting, objecting("X-2")], trace, { without: ["A1"] })
    expect(violations.map(({ property }) => property)).toEqual(["X-2"])
    expect([...checked.keys()]).toEqual(["X-2"])
    expect([...weakened]).toEqual([["X-1", { A1: "not asked" }]])
  })

  test("a span may hold another body than was read", () => {
    const text = `
      run r1 c#1
      read r1 #1 0..1 A-1@0=x
      call s1 #1 A-1@0=y
    `
    const messages = (without: Assumption[]) => watch([wellFormedSpan], parseTrace(text), { without }).violations.length
    expect(messages([])).toBe(1)
    expect(messages(["A2"])).toBe(0)
  })

  test("a checkpoint may pass what the feed did not yield, but not what it did", () => {
    const text = (page: string) => `
      append A-1@0 A 0
      run r1 c#1
      loaded r1 0
      ${page}
      commit r1 1
      committed r1 1
    `
    const messages = (page: string, without: Assumption[]) =>
      watch([checkpointSafety], parseTrace(text(page)), { without }).violations.length
    expect(messages("read r1 #1 0..1", [])).toBe(1)
    expect(messages("read r1 #1 0..1", ["A3"])).toBe(0)
    expect(messages("read r1 #1 0..1 A-1@0", ["A3"])).toBe(1)
  })
})

test("every property says where it asks less than it states, or that it never does", () => {
  for (const { id, weakened } of properties) expect(weakened, id).toMatch(/^[A-Z].*\.$/)
})
