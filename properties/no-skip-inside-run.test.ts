import { describe, expect, test } from "vitest"
import { noSkipInsideRun } from "./no-skip-inside-run.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([noSkipInsideRun], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(noSkipInsideRun.id) ?? 0 }
}

describe(noSkipInsideRun.title, () => {
  test("names an event that was in no call", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..3 A-1@0..1 A-2@0
      admit r1 #1
      call s1 #1 A-1@0
      return s1 #1 all
      call s1 #2 A-2@0
      return s1 #2 all
      complete r1 #1 3
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: batch #1 completed with A-1@1 in no processed part of a call and under no override (event 7, 0 ms)"`,
    )
  })

  test("does not let a count beyond the span cover events that come later", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..2 A-1@0..1
      admit r1 #1
      call s1 #1 A-1@0..1
      return s1 #1 partial 5
      complete r1 #1 2
      read r1 #2 2..6 A-1@2..5
      admit r1 #2
      complete r1 #2 6
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: batch #1 completed with A-1@0 and 1 more in no processed part of a call and under no override (event 5, 0 ms)"`,
    )
  })

  test("has nothing to say about an override that covers what is queued and what arrives, repeats, and an event that comes too late", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      read r1 #1 0..2 A-1@0..1
      admit r1 #1
      call s1 #1 A-1@0..1
      return s1 #1 override 4
      complete r1 #1 2
      read r1 #2 2..6 A-1@2..3 A-1@0 A-2@3
      admit r1 #2
      call s1 #2 A-2@3
      return s1 #2 all
      complete r1 #2 6
      read r1 #3 6..8 A-2@2 A-1@4
      admit r1 #3
      call s1 #3 A-1@4
      return s1 #3 all
      complete r1 #3 8
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
