import { describe, expect, test } from "vitest"
import { completeStreams } from "./complete-streams.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([completeStreams], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(completeStreams.id) ?? 0 }
}

describe(completeStreams.title, () => {
  test("names a stream that does not begin at its beginning", () => {
    const { message } = verdict(`
      run r1 c#1 complete=yes
      call s1 #1 A-1@3..4
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #1 delivers A-1@3..4, but the stream was not called before, and complete streams are required (event 1, 0 ms)"`,
    )
  })

  test("names an event that was not waited for", () => {
    const { message } = verdict(`
      run r1 c#1 complete=yes
      call s1 #1 A-1@0..1
      return s1 #1 all
      call s1 #2 A-1@3
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #2 delivers A-1@3, but the stream is at 2, and complete streams are required (event 3, 0 ms)"`,
    )
  })

  test("has nothing to say about sinks that do not wait for gaps, retries, overrides, and a gap that is closed", () => {
    const { message, checked } = verdict(`
      run r0 c#1 sink=s0
      call s0 #1 A-1@3
      run r1 c#1 complete=yes
      call s1 #1 A-1@0..1
      return s1 #1 none
      call s1 #2 A-1@0..2
      return s1 #2 partial 1
      call s1 #3 A-1@1..2
      return s1 #3 override 7
      call s1 #4 A-1@7
      return s1 #4 override 2
      call s1 #5 A-1@7..8
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
