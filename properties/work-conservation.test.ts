import { describe, expect, test } from "vitest"
import { workConservation } from "./work-conservation.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([workConservation], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(workConservation.id) ?? 0 }
}

describe(workConservation.title, () => {
  test("names a permit that is free though a stream is ready", () => {
    const { message } = verdict(`
      run r1 c#1 streams=2
      turn 1
      read r1 #1 0..2 A-1@0 A-2@0
      admit r1 #1
      call s1 #1 A-1@0
      turn 2
      read r1 #2 2..2 tail
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: 1 of 2 calls run and A-2 of batch #1 of r1 is ready, but no call started in that turn (event 4, 0 ms)"`,
    )
  })

  test("names a younger batch that goes before an older one", () => {
    const { message } = verdict(`
      run r1 c#1 streams=1
      read r1 #1 0..2 A-1@0 A-2@0
      admit r1 #1
      call s1 #1 A-1@0
      read r1 #2 2..3 A-3@0
      admit r1 #2
      return s1 #1 all
      call s1 #2 A-3@0
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #2 with A-3@0 of batch #2 of r1 starts, though A-2 of batch #1 of r1 is ready and comes first (event 7, 0 ms)"`,
    )
  })

  test("names a stream that comes back with more to do and is passed over", () => {
    const { message } = verdict(`
      run r1 c#1 streams=1
      read r1 #1 0..3 A-1@0..1 A-2@0
      admit r1 #1
      call s1 #1 A-1@0..1
      return s1 #1 partial 1
      call s1 #2 A-2@0
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #2 with A-2@0 of batch #1 of r1 starts, though A-1 of batch #1 of r1 is ready and comes first (event 5, 0 ms)"`,
    )
  })

  const streamThatIsCalledAgain = (fault: string) =>
    verdict(`
    run r1 c#1 streams=1
    turn 1
    read r1 #1 0..2 A-1@0..1
    admit r1 #1
    call s1 #1 A-1@0..1
    turn 2
    read r1 #2 2..4 A-2@0 A-1@2
    admit r1 #2
    ${fault}
    turn 3
    return s1 #1 all
    call s1 #2 A-1@2
  `)

  test("names a stream that is called again before one that comes first in the next batch", () => {
    expect(streamThatIsCalledAgain("").message).toMatchInlineSnapshot(
      `"s1: call #2 with A-1@2 of batch #2 of r1 starts, though A-2 of batch #2 of r1 is ready and comes first (event 7, 0 ms)"`,
    )
  })

  test("leaves the order of a batch open that begins with events of the one before it", () => {
    expect(streamThatIsCalledAgain("fault duplicates c#1").message).toBeUndefined()
  })

  test("has nothing to say when a stream comes back from a pause and then with a part done, behind the others", () => {
    const { message, checked } = verdict(`
      run r1 c#1 streams=1
      turn 1
      read r1 #1 0..2 A-1@0..1
      admit r1 #1
      call s1 #1 A-1@0..1
      turn 2
      return s1 #1 none
      turn 3
      read r1 #2 2..3 A-2@0
      admit r1 #2
      call s1 #2 A-2@0
      turn 4
      read r1 #3 3..4 A-3@0
      admit r1 #3
      return s1 #2 none
      call s1 #3 A-1@0..1
      turn 5
      return s1 #3 partial 1
      call s1 #4 A-3@0
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })

  test("has nothing to say about pauses after no progress, gaps, orders that the feed has changed, and a sink that stops", () => {
    const { message, checked } = verdict(`
      run r1 c#1 streams=2 complete=yes
      turn 1
      read r1 #1 0..3 A-1@0 A-2@1 A-3@0
      admit r1 #1
      call s1 #1 A-1@0
      call s1 #2 A-3@0
      turn 2
      return s1 #1 none
      turn 3
      read r1 #2 3..6 A-5@0 A-4@0 A-6@0
      admit r1 #2
      fault reordersStreams c#1
      call s1 #3 A-4@0
      turn 4
      return s1 #2 all
      call s1 #4 A-5@0
      turn 5
      abort c#1
      return s1 #3 all
      turn 6
      return s1 #4 all
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
