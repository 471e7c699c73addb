import { describe, expect, test } from "vitest"
import { completionIsEarned } from "./completion-is-earned.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([completionIsEarned], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(completionIsEarned.id) ?? 0 }
}

describe(completionIsEarned.title, () => {
  test("names an event whose call still runs", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..2 A-1@0 A-2@0
      admit r1 #1
      call s1 #1 A-1@0
      call s1 #2 A-2@0
      return s1 #2 all
      complete r1 #1 2
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: batch #1 (checkpoint 2) completed, but A-1@0 is not handled (event 6, 0 ms)"`,
    )
  })

  test("names an event whose call failed", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..1 A-1@0
      admit r1 #1
      call s1 #1 A-1@0
      throw s1 #1 boom
      complete r1 #1 1
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: batch #1 (checkpoint 1) completed, but A-1@0 is not handled (event 5, 0 ms)"`,
    )
  })

  test("names the last event of a call that came half way", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..3 A-1@0..2
      admit r1 #1
      call s1 #1 A-1@0..2
      return s1 #1 partial 2
      complete r1 #1 3
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: batch #1 (checkpoint 3) completed, but A-1@2 is not handled (event 5, 0 ms)"`,
    )
  })

  test("has nothing to say about batches that an override or an earlier call covers, over two tranches", () => {
    const { message, checked } = verdict(`
      run r1 c#1 tranche=A
      run r2 c#1 tranche=B
      read r1 #1 0..1 A-1@0
      admit r1 #1
      read r2 #1 0..3 A-1@1..2
      admit r2 #1
      call s1 #1 A-1@0
      return s1 #1 override 3
      complete r2 #1 3
      complete r1 #1 1
      read r1 #2 1..2 A-1@0
      admit r1 #2
      complete r1 #2 2
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
