import { describe, expect, test } from "vitest"
import { oneCallPerStream } from "./one-call-per-stream.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([oneCallPerStream], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(oneCallPerStream.id) ?? 0 }
}

describe(oneCallPerStream.title, () => {
  test("names two calls of one stream, whichever tranche they came from", () => {
    const { message } = verdict(`
      run r1 c#1 tranche=A
      run r2 c#1 tranche=B
      call s1 #1 A-1@0
      call s1 #2 A-2@0
      call s1 #3 A-1@1
    `)
    expect(message).toMatchInlineSnapshot(`"s1: call #3 with A-1@1 starts while call #1 of A-1 runs (event 4, 0 ms)"`)
  })

  test("has nothing to say about a restart beside a zombie, and calls that a crash left without an end", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      call s1 #1 A-1@0
      run z1 zombie#1 sink=z
      call z #1 A-1@0
      crash c#1
      run r2 c#2 sink=s2
      call s2 #1 A-1@0
      return z #1 all
      throw s2 #1 boom
      call s2 #2 A-1@0
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
