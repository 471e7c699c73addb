import { describe, expect, test } from "vitest"
import { atLeastOnce } from "./at-least-once.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([atLeastOnce], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(atLeastOnce.id) ?? 0 }
}

describe(atLeastOnce.title, () => {
  test("names an event that nobody handled", () => {
    const { message } = verdict(`
      append A-1@0 A 1
      run r1 c#1
      loaded r1 0
      append A-1@1 A 2
      read r1 #1 0..3 A-1@0..1
      call s1 #1 A-1@0
      return s1 #1 all
      crash c#1
      run r2 c#2 sink=s2
      loaded r2 3
      quiescent
    `)
    expect(message).toMatchInlineSnapshot(`"group g: A-1@1, position 2 of A, was never handled"`)
  })

  test("counts an event that only a failed call had as lost, told of at the end", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      call s1 #1 A-1@0..1
      throw s1 #1 boom
      quiescent
      append A-1@0 A 1
      append A-1@1 A 2
    `)
    expect(message).toMatchInlineSnapshot(`"group g: A-1@0, position 1 of A, was never handled (and 1 more)"`)
  })

  test("has nothing to say about handled over several incarnations, by override, before the origin, or not asked for", () => {
    const { message, checked } = verdict(`
      append A-1@0 A 1
      append A-1@1 A 2
      append B-1@0 B 3
      run r1 c#1
      loaded r1 2
      call s1 #1 A-1@1
      return s1 #1 all
      append A-2@0 A 4
      append A-2@1 A 5
      append A-3@0 A 6
      append A-3@1 A 7
      call s1 #2 A-2@0
      return s1 #2 all
      call s1 #3 A-3@0
      return s1 #3 override 2
      crash c#1
      run r2 c#2 sink=s2
      loaded r2 2
      call s2 #1 A-2@0..1
      return s2 #1 all
      quiescent
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })

  test("has nothing to say about a trace that was cut off before it came to rest", () => {
    const { message, checked } = verdict(`
      append A-1@0 A 1
      run r1 c#1
      loaded r1 0
    `)
    expect(message).toBeUndefined()
    expect(checked).toBe(0)
  })

  test("asks of a tranche with many categories for those that the group reads, each event at its entry's position", () => {
    const { message, checked } = verdict(`
      run r1 c#1 tranche=0 only=A,C
      run r2 c#2 sink=s2 group=h tranche=0 only=B
      loaded r1 0
      loaded r2 0
      append A-1@0 0 5
      append B-1@0 0 5
      append A-1@1 0 5
      append D-1@0 0 6
      call s1 #1 A-1@0
      return s1 #1 all
      call s2 #1 B-1@0
      return s2 #1 all
      quiescent
    `)
    expect({ message, checked }).toEqual({
      message: "group g: A-1@1, position 5 of 0, was never handled",
      checked: 3,
    })
  })
})
