import { describe, expect, test } from "vitest"
import { boundedRework } from "./bounded-rework.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([boundedRework], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(boundedRework.id) ?? 0 }
}

describe(boundedRework.title, () => {
  test("names an event below the position that the run loaded", () => {
    const { message } = verdict(`
      append A-1@0 A 0
      append A-1@1 A 1
      run r1 c#1
      loaded r1 0
      call s1 #1 A-1@0..1
      return s1 #1 all
      commit r1 1
      committed r1 1
      end r1 ok
      run r2 c#1 sink=s2
      loaded r2 1
      call s2 #1 A-1@0..1
    `)
    expect(message).toMatchInlineSnapshot(
      `"s2: call #1 delivers A-1@0 again, which was handled and lies below 1 in A, where the run began (event 11, 0 ms)"`,
    )
  })

  test("names it when the store tells of its events at the end", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      call s1 #1 A-1@0
      return s1 #1 all
      end r1 ok
      run r2 c#1 sink=s2
      loaded r2 1
      call s2 #1 A-1@0
      append A-1@0 A 0
    `)
    expect(message).toMatchInlineSnapshot(
      `"s2: call #1 delivers A-1@0 again, which was handled and lies below 1 in A, where the run began"`,
    )
  })

  test("has nothing to say about what was not committed, what the feed holds twice, and an override", () => {
    const { message, checked } = verdict(`
      append A-1@0 A 0
      append A-1@1 A 1
      run r1 c#1
      loaded r1 0
      call s1 #1 A-1@0..1
      return s1 #1 all
      commit r1 1
      committed r1 1
      crash c#1
      run r2 c#2 sink=s2
      loaded r2 1
      call s2 #1 A-1@1
      return s2 #1 all
      commit r2 2
      committed r2 2
      again A-1@0 A 2
      call s2 #2 A-1@0
      override g A 0
      run r3 c#3 sink=s3
      loaded r3 0
      call s3 #1 A-1@0..1
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })

  test("has nothing to say about a run that looks at the stored position again after it began", () => {
    const { message, checked } = verdict(`
      append A-1@0 A 0
      run r1 c#1
      run r2 c#2 sink=s2
      loaded r1 0
      loaded r2 0
      call s2 #1 A-1@0
      return s2 #1 all
      commit r2 1
      committed r2 1
      loaded r1 1
      call s1 #1 A-1@0
    `)
    expect(message).toBeUndefined()
    expect(checked).toBe(1)
  })
})
