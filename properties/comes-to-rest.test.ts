import { describe, expect, test } from "vitest"
import { comesToRest } from "./comes-to-rest.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([comesToRest], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(comesToRest.id) ?? 0 }
}

describe(comesToRest.title, () => {
  test("names a batch that is not complete", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      read r1 #1 0..1 A-1@0
      admit r1 #1
      quiescent
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: at rest batch #1 is not complete, A-1@0 is not handled (event 4, 0 ms)"`,
    )
  })

  test("names a batch that hangs though everything is handled", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      read r1 #1 0..1 A-1@0
      admit r1 #1
      call s1 #1 A-1@0
      return s1 #1 all
      quiescent
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: at rest batch #1 is not complete, though all its events are handled (event 6, 0 ms)"`,
    )
  })

  test("names a checkpoint that was never stored", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      read r1 #1 0..2 A-1@0
      admit r1 #1
      call s1 #1 A-1@0
      return s1 #1 all
      complete r1 #1 2
      quiescent
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: at rest the stored position is 0, the last checkpoint 2 (event 7, 0 ms)"`,
    )
  })

  test("has nothing to say about a store that is ahead because of another instance, a run that crashed, a run that ended", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      loaded r1 0
      read r1 #1 0..1 A-1@0
      admit r1 #1
      call s1 #1 A-1@0
      crash c#1
      run r2 c#2 sink=s2
      loaded r2 0
      read r2 #1 0..1 A-1@0
      admit r2 #1
      call s2 #1 A-1@0
      return s2 #1 all
      complete r2 #1 1
      commit r2 1
      committed r2 1 stored=8
      read r2 #2 1..1 tail
      run r3 d#1 sink=s3
      read r3 #1 0..1 A-1@0
      admit r3 #1
      end r3 error
      quiescent
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
