import { describe, expect, test } from "vitest"
import { monotoneStore } from "./monotone-store.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([monotoneStore], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(monotoneStore.id) ?? 0 }
}

describe(monotoneStore.title, () => {
  test("names a load that answers less than what was stored before the run started", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      commit r1 100
      committed r1 100
      crash c#1
      run r2 c#2 sink=s2
      loaded r2 50
    `)
    expect(message).toMatchInlineSnapshot(`"r2: loaded 50 for (g, A), where 100 was stored (event 6, 0 ms)"`)
  })

  test("names a write of a second instance that moves the position back", () => {
    const { message } = verdict(`
      run r1 c#1
      run r2 d#1 sink=s2
      loaded r1 0
      loaded r2 0
      commit r1 100
      committed r1 100
      commit r2 50
      committed r2 50
    `)
    expect(message).toMatchInlineSnapshot(
      `"r2: after 50 was written for (g, A) the store holds 50, and it held 100 before (event 7, 0 ms)"`,
    )
  })

  test("has nothing to say about answers that overtake each other, a write that lost its reply, and an override", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      run r2 d#1 sink=s2
      loaded r1 0
      loaded r2 0
      commit r1 50
      commit r2 100
      committed r2 100
      committed r1 50 stored=50
      commit r1 120
      failed r1 120
      run r3 e#1 sink=s3
      commit r2 110
      committed r2 110 stored=120
      override g A 30
      loaded r3 30
      run r4 f#1 sink=s4
      loaded r4 30
      commit r4 40
      committed r4 40
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
