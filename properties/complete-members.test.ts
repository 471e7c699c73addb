import { describe, expect, test } from "vitest"
import { completeMembers } from "./complete-members.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([completeMembers], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(completeMembers.id) ?? 0 }
}

describe(completeMembers.title, () => {
  test("names an event that no member reads", () => {
    const { message } = verdict(`
      run m0 a#1 sink=s0 member=0/2
      loaded m0 0
      run m1 b#1 sink=s1 member=1/2
      loaded m1 0
      append A-1@0 A 1
      append A-2@0 A 2
      append A-2@1 A 3
      read m0 #1 0..2 A-1@0
      read m1 #1 0..3 A-2@0
      quiescent
    `)
    expect(message).toMatchInlineSnapshot(`"group g: A-2@1, position 3 of A, was read by no member"`)
  })

  test("names two members on one checkpoint key", () => {
    const { message } = verdict(`
      run m0 a#1 sink=s0 group=g
      loaded m0 0
      run m1 b#1 sink=s1 group=h
      override g A 0
      commit m0 4
      run x x#1 sink=s2 group=g member=0/2
      loaded x 0
      run y y#1 sink=s3 group=g-0
      loaded y 0
    `)
    expect(message).toMatchInlineSnapshot(
      `"y: group g-0 uses the checkpoint key (g-0, A), which is that of member 0 of group g (event 8, 0 ms)"`,
    )
  })

  test("has nothing to say about pages read twice, events told of at the end, a group resized", () => {
    const { message, checked } = verdict(`
      run m0 a#1 sink=s0 member=0/2
      loaded m0 0
      run m1 b#1 sink=s1 member=1/2
      loaded m1 0
      read m0 #1 0..2 A-1@0
      read m1 #1 0..3 A-2@0
      end m0 ok
      end m1 ok
      override g-0 A 2
      run n0 a#2 sink=t0 member=0/1
      loaded n0 2
      read n0 #1 2..4 A-2@0..1
      append A-1@0 A 1
      append A-2@0 A 2
      append A-2@1 A 3
      quiescent
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
