import { describe, expect, test } from "vitest"
import { fairness } from "./fairness.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([fairness], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(fairness.id) ?? 0 }
}

describe(fairness.title, () => {
  test("names a stream that waits while another one makes no progress again and again", () => {
    const { message } = verdict(`
      run r1 c#1 streams=1
      read r1 #1 0..2 A-1@0 A-2@0
      admit r1 #1
      call s1 #1 A-1@0
      return s1 #1 none
      call s1 #2 A-1@0
      return s1 #2 none
      call s1 #3 A-1@0
      return s1 #3 none
      call s1 #4 A-1@0
      return s1 #4 none
      call s1 #5 A-1@0
      return s1 #5 all
      call s1 #6 A-2@0
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #6 of A-2 starts after 5 calls of others that started while it was ready; 4 were due before it at most (event 13, 0 ms)"`,
    )
  })

  test("names it at rest too, when it is not called at all", () => {
    const { message } = verdict(`
      run r1 c#1 streams=1
      read r1 #1 0..2 A-1@0 A-2@0
      admit r1 #1
      call s1 #1 A-1@0
      return s1 #1 none
      call s1 #2 A-1@0
      return s1 #2 none
      call s1 #3 A-1@0
      return s1 #3 none
      call s1 #4 A-1@0
      return s1 #4 none
      call s1 #5 A-1@0
      return s1 #5 all
      quiescent
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: A-2, ready for batch #1 of r1, was not called while 5 calls of others started; 4 were due before it at most (event 13, 0 ms)"`,
    )
  })

  test("has nothing to say about an older stream that is done event by event", () => {
    const { message, checked } = verdict(`
      run r1 c#1 streams=1
      read r1 #1 0..4 A-1@0..2 A-2@0
      admit r1 #1
      call s1 #1 A-1@0..2
      return s1 #1 partial 1
      call s1 #2 A-1@1..2
      return s1 #2 partial 1
      call s1 #3 A-1@2
      return s1 #3 all
      call s1 #4 A-2@0
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })

  test("judges a sink that calls a stream twice at once as well", () => {
    const { message, checked } = verdict(`
      run r1 c#1 streams=2
      read r1 #1 0..4 A-1@0..3
      admit r1 #1
      call s1 #1 A-1@0..1
      call s1 #2 A-1@0..2
      return s1 #1 partial 1
      return s1 #2 partial 2
      call s1 #3 A-1@2..3
      return s1 #3 all
      quiescent
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
