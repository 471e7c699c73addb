import { describe, expect, test } from "vitest"
import { disjointMembers } from "./disjoint-members.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([disjointMembers], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(disjointMembers.id) ?? 0 }
}

describe(disjointMembers.title, () => {
  test("names a stream that two members read", () => {
    const { message } = verdict(`
      run m0 a#1 sink=s0 member=0/2
      run m1 b#1 sink=s1 member=1/2
      read m0 #1 0..2 A-1@0 A-3@0
      read m1 #1 0..3 A-2@0 A-3@0
    `)
    expect(message).toMatchInlineSnapshot(`"m1: member 1 of 2 read A-3@0, but member 0 of 2 reads A-3 (event 3, 0 ms)"`)
  })

  test("has nothing to say about another size, another group, and the same member again", () => {
    const { message, checked } = verdict(`
      run m0 a#1 sink=s0 member=0/2
      read m0 #1 0..2 A-1@0
      crash a#1
      run m0b a#2 sink=s0b member=0/2
      read m0b #1 0..2 A-1@0
      end m0b ok
      run n2 c#1 sink=s2 member=2/3
      read n2 #1 0..2 A-1@0
      run h1 d#1 sink=s3 group=h member=1/2
      read h1 #1 0..2 A-1@0
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
