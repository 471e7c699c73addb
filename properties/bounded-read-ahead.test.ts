import { describe, expect, test } from "vitest"
import { boundedReadAhead } from "./bounded-read-ahead.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([boundedReadAhead], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(boundedReadAhead.id) ?? 0 }
}

describe(boundedReadAhead.title, () => {
  test("names the batch that is one too many", () => {
    const { message } = verdict(`
      run r1 c#1 ahead=2
      read r1 #1 0..1 A-1@0
      admit r1 #1
      read r1 #2 1..2 A-2@0
      admit r1 #2
      read r1 #3 2..3 A-3@0
      admit r1 #3
    `)
    expect(message).toMatchInlineSnapshot(`"r1: batch #3 is the 3rd in progress, the limit is 2 (event 6, 0 ms)"`)
  })

  test("names reads that go on while the window is full", () => {
    const { message } = verdict(`
      run r1 c#1 ahead=1
      read r1 #1 0..1 A-1@0
      admit r1 #1
      read r1 #2 1..1 tail
      read r1 #3 1..1 tail
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: page #3 was read, the second one while the window of 1 is full (event 4, 0 ms)"`,
    )
  })

  test("has nothing to say about a window for each tranche, empty pages, and one page on its way", () => {
    const { message, checked } = verdict(`
      run r1 c#1 tranche=A ahead=1
      run r2 c#1 tranche=B ahead=1
      read r1 #1 0..1 A-1@0
      admit r1 #1
      read r2 #1 0..1 B-1@0
      admit r2 #1
      read r1 #2 1..2 A-1@1
      complete r1 #1 1
      admit r1 #2
      complete r1 #2 2
      read r1 #3 2..2 tail
      read r1 #4 2..2 tail
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
