import { describe, expect, test } from "vitest"
import { origin } from "./origin.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([origin], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(origin.id) ?? 0 }
}

describe(origin.title, () => {
  test("names a second load that answers another origin", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      crash c#1
      run r2 c#2
      loaded r2 42
    `)
    expect(message).toMatchInlineSnapshot(`"r2: loaded 42, an earlier run 0, and nobody wrote between (event 4, 0 ms)"`)
  })

  test("names a first page that is read from elsewhere", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 42
      read r1 #1 0..4 A-1@0
    `)
    expect(message).toMatchInlineSnapshot(`"r1: loaded 42, and the first page is read from 0 (event 2, 0 ms)"`)
  })

  test("holds when a position was written meanwhile, even if nobody knows whether it arrived", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      loaded r1 42
      read r1 #1 42..50 A-1@0
      read r1 #2 50..60 A-1@1
      commit r1 50
      crash c#1
      run r2 c#2
      loaded r2 50
    `)
    expect({ message, checked }).toEqual({ message: undefined, checked: 1 })
  })

  test("keys are of a group and a tranche", () => {
    const { message } = verdict(`
      run r1 c#1 tranche=A
      run r2 c#1 tranche=B
      loaded r1 0
      loaded r2 42
    `)
    expect(message).toBeUndefined()
  })
})
