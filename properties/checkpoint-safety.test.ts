import { describe, expect, test } from "vitest"
import { checkpointSafety } from "./checkpoint-safety.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([checkpointSafety], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(checkpointSafety.id) ?? 0 }
}

describe(checkpointSafety.title, () => {
  test("names an event of a page below the checkpoint that is not handled", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      read r1 #1 0..2 A-1@0 A-2@0
      admit r1 #1
      call s1 #1 A-1@0
      return s1 #1 all
      commit r1 2
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: checkpoint 2 is written, but A-2@0 of page #1 is not handled (event 6, 0 ms)"`,
    )
  })

  test("names an event that the reader passed over, also when the store tells of it only at the end", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      read r1 #1 0..3 A-1@0
      admit r1 #1
      call s1 #1 A-1@0
      return s1 #1 all
      complete r1 #1 3
      commit r1 3
      committed r1 3
      append A-1@0 A 1
      append A-2@0 A 2
    `)
    expect(message).toMatchInlineSnapshot(
      `"group g: A-2@0, position 2 of A, is not handled, but the stored checkpoint is 3"`,
    )
  })

  test("has nothing to say about what an earlier incarnation handled, what lies before the origin, and events told of at the end", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      loaded r1 5
      read r1 #1 5..7 A-1@3 A-2@0
      admit r1 #1
      call s1 #1 A-1@3
      return s1 #1 all
      crash c#1
      run r2 c#2 sink=s2
      loaded r2 5
      read r2 #1 5..7 A-1@3 A-2@0
      admit r2 #1
      call s2 #1 A-2@0
      return s2 #1 all
      commit r2 7
      committed r2 7
      append A-1@2 A 4
      append A-1@3 A 5
      append A-2@0 A 6
      append A-2@1 A 7
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })

  test("has nothing to say about an event before the origin that comes once more behind it", () => {
    const { message } = verdict(`
      append A-1@0 0 4
      append A-1@1 0 5
      run r1 c#1 tranche=0
      loaded r1 5
      read r1 #1 5..7 A-1@1 A-1@0
      admit r1 #1
      call s1 #1 A-1@1
      return s1 #1 all
      commit r1 7
    `)
    expect(message).toBeUndefined()
  })

  test("has nothing to say about members of a group, each with positions of its own", () => {
    const { message, checked } = verdict(`
      run m0 a#1 sink=s0 member=0/2
      loaded m0 0
      run m1 b#1 sink=s1 member=1/2
      loaded m1 0
      append A-1@0 A 1
      append A-2@0 A 2
      read m0 #1 0..3 A-2@0
      call s0 #1 A-2@0
      return s0 #1 all
      commit m0 3
      committed m0 3
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
