import { describe, expect, test } from "vitest"
import { noRepeatInsideRun } from "./no-repeat-inside-run.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([noRepeatInsideRun], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(noRepeatInsideRun.id) ?? 0 }
}

describe(noRepeatInsideRun.title, () => {
  test("names the events that come again", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0..4
      return s1 #1 all
      call s1 #2 A-1@5
      return s1 #2 override 3
      call s1 #3 A-1@3..5
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #3 delivers A-1@3..4 again, call #1 moved the position to 5 (event 5, 0 ms)"`,
    )
  })

  test("names events below an override", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0
      return s1 #1 override 20
      call s1 #2 A-1@1..9
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #2 delivers A-1@1..9 again, call #1 moved the position to 20 (event 3, 0 ms)"`,
    )
  })

  test("has nothing to say about retries without progress, an unknown position, and the next run", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      call s1 #1 A-1@5
      return s1 #1 none
      call s1 #2 A-1@3..5
      throw s1 #2 boom
      end r1 error
      run r2 c#1 sink=s2
      call s2 #1 A-1@3..6
      return s2 #1 partial 2
      call s2 #2 A-1@5..6
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
