import { describe, expect, test } from "vitest"
import { wellFormedSpan } from "./well-formed-span.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([wellFormedSpan], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(wellFormedSpan.id) ?? 0 }
}

describe(wellFormedSpan.title, () => {
  test("names a call without events", () => {
    const { message } = verdict(`
      run r1 c#1
      call s1 #1 A-1@
    `)
    expect(message).toMatchInlineSnapshot(`"s1: call #1 of A-1 has no events (event 1, 0 ms)"`)
  })

  test("names a hole", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..3 A-1@0..2
      call s1 #1 A-1@0,A-1@2
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #1 of A-1 holds A-1@2 where A-1@1 belongs: [A-1@0, A-1@2] (event 2, 0 ms)"`,
    )
  })

  test("names an event of another stream", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..3 A-1@0 A-2@1
      call s1 #1 A-1@0,A-2@1
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #1 of A-1 holds A-2@1 where A-1@1 belongs: [A-1@0, A-2@1] (event 2, 0 ms)"`,
    )
  })

  test("names an event that no page in progress has", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..1 A-1@0
      call s1 #1 A-1@0..1
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #1 of A-1 holds A-1@1, which no page in progress has (event 2, 0 ms)"`,
    )
  })

  test("names a body that is not the one read", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..1 A-1@0=x
      call s1 #1 A-1@0=y
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #1 of A-1 holds A-1@0 with body y, which was read with body x (event 2, 0 ms)"`,
    )
  })

  test("names a span that changed while the call ran", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..2 A-1@0..1
      call s1 #1 A-1@0
      return s1 #1 changed A-1@0..1
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: the span of call #1 of A-1 changed while it ran, from [A-1@0] to [A-1@0, A-1@1] (event 3, 0 ms)"`,
    )
  })

  test("has nothing to say about events merged from pages of two tranches, and a page read twice", () => {
    const { message, checked } = verdict(`
      run r1 c#1 tranche=A
      run r2 c#1 tranche=B
      read r1 #1 0..1 A-1@0=x
      admit r1 #1
      read r2 #1 0..2 A-1@1=y
      admit r2 #1
      read r1 #2 0..1 A-1@0=x
      admit r1 #2
      call s1 #1 A-1@0=x,A-1@1=y
      return s1 #1 all
      complete r1 #1 1
      complete r1 #2 1
      complete r2 #1 2
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
