import { describe, expect, test } from "vitest"
import { resultSemantics } from "./result-semantics.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([resultSemantics], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(resultSemantics.id) ?? 0 }
}

describe(resultSemantics.title, () => {
  test("names a partial result after which the rest is passed over", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0..4
      return s1 #1 partial 2
      call s1 #2 A-1@5
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #2 with A-1@5 starts, but call #1 with A-1@0..4 answered PartiallyProcessed(2): the next index is 2 (event 3, 0 ms)"`,
    )
  })

  test("names a call without progress whose events do not come again", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0..1
      return s1 #1 none
      call s1 #2 A-1@1..2
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #2 with A-1@1..2 starts, but call #1 with A-1@0..1 answered NoneProcessed: the next index is 0 (event 3, 0 ms)"`,
    )
  })

  test("names a position that goes back", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0..1
      return s1 #1 all
      call s1 #2 A-1@2
      return s1 #2 override 1
      call s1 #3 A-1@1..2
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #3 with A-1@1..2 starts, but call #2 with A-1@2 answered OverrideNextIndex(1): the next index is 2 (event 5, 0 ms)"`,
    )
  })

  test("names a call after a count beyond the span", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0..1
      return s1 #1 partial 5
      call s1 #2 A-1@5
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #2 with A-1@5 starts though call #1 with A-1@0..1 answered PartiallyProcessed(5), which does not fit (event 3, 0 ms)"`,
    )
  })

  test("names a run that ends as if what is no result were one", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0..1
      return s1 #1 nonsense
      end r1 ok
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: ends without an error though call #1 with A-1@0..1 answered no result (string), which does not fit (event 3, 0 ms)"`,
    )
  })

  test("names a run that lives on", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0..1
      return s1 #1 partial -1
      quiescent
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: has not ended at rest though call #1 with A-1@0..1 answered PartiallyProcessed(-1), which does not fit (event 3, 0 ms)"`,
    )
  })

  test("names a trace whose next index is not that of the result", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0..1
      return s1 #1 as 5
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #1 of A-1 answered AllProcessed, so the next index is 2, and not 5 (event 2, 0 ms)"`,
    )
  })

  test("has nothing to say about every result that is followed, and a misfit that ends the run", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0..4
      return s1 #1 partial 2
      call s1 #2 A-1@2..6
      return s1 #2 none
      call s1 #3 A-1@2..7
      return s1 #3 override 1
      call s1 #4 A-1@2..7
      return s1 #4 override 9
      call s1 #5 A-1@11
      return s1 #5 all
      call s1 #6 A-1@12
      turn 4
      return s1 #6 partial 0.5
      call s1 #7 A-2@0
      turn 5
      throw s1 #7 boom
      end r1 error
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
