import { describe, expect, test } from "vitest"
import { boundedConcurrency } from "./bounded-concurrency.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([boundedConcurrency], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(boundedConcurrency.id) ?? 0 }
}

describe(boundedConcurrency.title, () => {
  test("names the call that is one too many, over all tranches of a sink", () => {
    const { message } = verdict(`
      run r1 c#1 tranche=A streams=2
      run r2 c#1 tranche=B streams=2
      call s1 #1 A-1@0
      call s1 #2 A-2@0
      call s1 #3 B-1@0
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #3 of B-1 is the 3rd at once, the limit is 2; running: #1 of A-1, #2 of A-2 (event 4, 0 ms)"`,
    )
  })

  test("names a call that runs at rest", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0
      quiescent
    `)
    expect(message).toMatchInlineSnapshot(`"s1: call #1 of A-1 runs at rest (calls in flight: 1) (event 2, 0 ms)"`)
  })

  test("has nothing to say about the limit reached exactly, a failure that gives its permit back, and another process", () => {
    const { message, checked } = verdict(`
      run r1 c#1 streams=1
      run r2 d#1 sink=s2 streams=1
      call s1 #1 A-1@0
      call s2 #1 A-2@0
      throw s1 #1 boom
      call s1 #2 A-3@0
      crash c#1
      return s2 #1 all
      quiescent
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
