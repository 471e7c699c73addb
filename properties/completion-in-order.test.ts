import { describe, expect, test } from "vitest"
import { completionInOrder } from "./completion-in-order.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([completionInOrder], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(completionInOrder.id) ?? 0 }
}

describe(completionInOrder.title, () => {
  test("names a batch that overtakes an older one", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..1 A-1@0
      admit r1 #1
      read r1 #2 1..2 A-2@0
      admit r1 #2
      call s1 #1 A-1@0
      call s1 #2 A-2@0
      return s1 #2 all
      complete r1 #2 2
    `)
    expect(message).toMatchInlineSnapshot(`"r1: batch #2 completed before batch #1, which is older (event 8, 0 ms)"`)
  })

  test("names a batch that completes twice", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..1 A-1@0
      admit r1 #1
      call s1 #1 A-1@0
      return s1 #1 all
      complete r1 #1 1
      complete r1 #1 1
    `)
    expect(message).toMatchInlineSnapshot(`"r1: batch #1 completed a second time (event 6, 0 ms)"`)
  })

  test("names a batch that is handled and does not complete before the next page comes", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..1 A-1@0
      admit r1 #1
      call s1 #1 A-1@0
      return s1 #1 all
      at 100
      read r1 #2 1..1 tail
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: all events of batch #1, the oldest, are handled, and it has not completed (event 5, 100 ms)"`,
    )
  })

  test("names it at rest, when nothing more is read because the window is full", () => {
    const { message } = verdict(`
      run r1 c#1 ahead=1
      read r1 #1 0..1 A-1@0
      admit r1 #1
      call s1 #1 A-1@0
      return s1 #1 all
      quiescent
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: all events of batch #1, the oldest, are handled, and it has not completed (event 5, 0 ms)"`,
    )
  })

  test("has nothing to say about a younger batch handled first, a repeat that waits for its turn, and a failing run", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      read r1 #1 0..1 A-1@0
      admit r1 #1
      read r1 #2 1..2 A-2@0
      admit r1 #2
      read r1 #3 2..3 A-2@0
      admit r1 #3
      call s1 #1 A-1@0
      call s1 #2 A-2@0
      return s1 #2 all
      read r1 #4 3..3 tail
      return s1 #1 all
      complete r1 #1 1
      complete r1 #2 2
      complete r1 #3 3
      read r1 #5 3..5 A-3@0 A-4@0
      admit r1 #5
      call s1 #3 A-3@0
      call s1 #4 A-4@0
      throw s1 #3 boom
      return s1 #4 all
      read r1 #6 5..5 tail
      end r1 error
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
