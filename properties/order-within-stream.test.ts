import { describe, expect, test } from "vitest"
import { orderWithinStream } from "./order-within-stream.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([orderWithinStream], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(orderWithinStream.id) ?? 0 }
}

describe(orderWithinStream.title, () => {
  test("names a call that goes back behind what the last one returned", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@4
      return s1 #1 all
      call s1 #2 A-1@2..4
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #2 delivers A-1@2..4 after call #1 returned next index 5 (event 3, 0 ms)"`,
    )
  })

  test("names a call that leaves out the event of a failed one", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@4..5
      throw s1 #1 out of paper
      call s1 #2 A-1@5
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #2 delivers A-1@5, but call #1 began at A-1@4 and failed: that event must come first (event 3, 0 ms)"`,
    )
  })

  test("names a call that leaves out the event of one without progress", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@4..5
      return s1 #1 none
      call s1 #2 A-1@6
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #2 delivers A-1@6, but call #1 began at A-1@4 and made no progress: that event must come first (event 3, 0 ms)"`,
    )
  })

  test("has nothing to say about partial results, overrides, stale overrides and retries that grow", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0..3
      return s1 #1 partial 2
      call s1 #2 A-1@2..5
      return s1 #2 override 9
      call s1 #3 A-1@9
      return s1 #3 override 3
      call s1 #4 A-1@9..10
      return s1 #4 none
      call s1 #5 A-1@9..12
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })

  test("takes a result that does not fit its span for no progress", () => {
    const afterMisfit = (next: string) => `
      run r1 c#1
      call s1 #1 A-1@4..5
      return s1 #1 partial 3
      call s1 #2 ${next}
    `
    expect(verdict(afterMisfit("A-1@4..5")).message).toBeUndefined()
    expect(verdict(afterMisfit("A-1@6")).message).toMatchInlineSnapshot(
      `"s1: call #2 delivers A-1@6, but call #1 began at A-1@4 and made no progress: that event must come first (event 3, 0 ms)"`,
    )
  })

  test("has nothing to say about a run that begins where its checkpoint is, after a crash in a call", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0..3
      return s1 #1 all
      call s1 #2 A-1@4
      crash c#1
      run r2 c#2 sink=s2
      call s2 #1 A-1@0..4
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
