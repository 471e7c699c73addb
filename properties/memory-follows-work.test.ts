import { describe, expect, test } from "vitest"
import { memoryFollowsWork } from "./memory-follows-work.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([memoryFollowsWork], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(memoryFollowsWork.id) ?? 0 }
}

describe(memoryFollowsWork.title, () => {
  test("names what is left when a run has ended", () => {
    const left = (of: string) => `
      run r1 c#1
      probe s1 ${of} 0
      probe s1 ${of} 1
      end r1 ok`
    expect(["listeners", "timers", "waiters"].map((of) => verdict(left(of)).message)).toMatchInlineSnapshot(`
      [
        "r1: ends and leaves 1 of its listeners behind: 0 before, 1 now (event 3, 0 ms)",
        "r1: ends and leaves 1 of its timers behind: 0 before, 1 now (event 3, 0 ms)",
        "r1: ends and leaves 1 of its waiters behind: 0 before, 1 now (event 3, 0 ms)",
      ]
    `)
  })

  test("names events that are held though they are handled", () => {
    const { message } = verdict(`
      run r1 c#1
      read r1 #1 0..3 A-1@0 A-1@1 A-2@0
      admit r1 #1
      read r1 #2 3..4 A-2@1
      admit r1 #2
      probe s1 events 4
      complete r1 #1 3
      probe s1 events 2
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: holds 2 events, more than 1, all that its incomplete batches have (event 7, 0 ms)"`,
    )
  })

  test("names streams that are remembered beyond the limit", () => {
    const { message } = verdict(`
      run r1 c#1 idle=1
      read r1 #1 0..2 A-1@0 A-2@0
      admit r1 #1
      probe s1 streams 3
      complete r1 #1 2
      probe s1 streams 2
    `)
    expect(message).toMatchInlineSnapshot(`"s1: holds 2 streams, more than 1, 0 of them with work (event 5, 0 ms)"`)
  })

  test("holds when all is let go, also where others had listeners before", () => {
    const { message, checked } = verdict(`
      run r1 c#1 tranche=A idle=1
      run r2 c#1 tranche=B idle=1
      probe s1 listeners 1
      probe s1 timers 0
      read r1 #1 0..2 A-1@0
      read r2 #1 0..2 B-1@0
      admit r1 #1
      admit r2 #1
      probe s1 events 2
      probe s1 streams 2
      complete r1 #1 2
      probe s1 events 1
      probe s1 streams 2
      complete r2 #1 2
      probe s1 listeners 1
      probe s1 timers 0
      probe s1 events 0
      end r1 ok
      end r2 ok
    `)
    expect({ message, checked }).toEqual({ message: undefined, checked: 9 })
  })
})
