import { describe, expect, test } from "vitest"
import { checkpointLiveness } from "./checkpoint-liveness.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([checkpointLiveness], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(checkpointLiveness.id) ?? 0 }
}

describe(checkpointLiveness.title, () => {
  test("names a checkpoint that is not written while pages keep coming", () => {
    const { message } = verdict(`
      run r1 c#1 every=100
      loaded r1 0
      read r1 #1 0..2 A-1@0
      admit r1 #1
      at 10
      complete r1 #1 2
      read r1 #2 2..2 tail
      at 1200
      read r1 #3 2..2 tail
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: checkpoint 2 has waited to be written for 1190 ms, since 10 ms, where the interval is 100 ms (event 6, 1200 ms)"`,
    )
  })

  test("names the position of pages without events", () => {
    const { message } = verdict(`
      run r1 c#1 every=100
      loaded r1 0
      read r1 #1 0..50
      at 600
      read r1 #2 50..100
      at 1200
      read r1 #3 100..150
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: checkpoint 100 has waited to be written for 1200 ms, since 0 ms, where the interval is 100 ms (event 4, 1200 ms)"`,
    )
  })

  test("has nothing to say about writes in time, a slow one, the tail, and runs that are ending", () => {
    const { message, checked } = verdict(`
      run r1 c#1 every=100
      loaded r1 7
      read r1 #1 7..9 A-1@0
      admit r1 #1
      at 10
      complete r1 #1 9
      at 100
      commit r1 9
      read r1 #2 9..12
      at 5000
      read r1 #3 12..12 tail
      committed r1 9
      at 6050
      read r1 #4 12..12 tail
      commit r1 12
      committed r1 12
      at 9000
      read r1 #5 12..12 tail
      read r1 #6 12..14
      abort c#1
      at 20000
      read r1 #7 14..14 tail
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })

  test("has nothing to say about a checkpoint below one that another instance has stored", () => {
    const { message, checked } = verdict(`
      run r1 c#1 every=100
      loaded r1 0
      read r1 #1 0..2 A-1@0
      admit r1 #1
      complete r1 #1 2
      commit r1 2
      read r1 #2 2..4 A-1@1
      admit r1 #2
      complete r1 #2 4
      committed r1 2 stored=7
      read r1 #3 4..6 A-1@2
      admit r1 #3
      complete r1 #3 6
      at 5000
      read r1 #4 6..8 A-1@3
      admit r1 #4
      complete r1 #4 8
      at 5010
      read r1 #5 8..8 tail
    `)
    expect(message).toBeUndefined()
    expect(checked).toBe(2)
  })

  const pausedFrom = `
    run r1 c#1 every=100
    loaded r1 0
    read r1 #1 0..2 A-1@0
    admit r1 #1
    at 10
    complete r1 #1 2
    fault pause c#1
    at 5000
    resume c#1
  `

  test("gives a process that was paused its time when it goes on", () => {
    const { message, checked } = verdict(`${pausedFrom}
      at 5100
      commit r1 2
      committed r1 2
    `)
    expect(message).toBeUndefined()
    expect(checked).toBe(1)
  })

  test("names what has waited since the end of a pause", () => {
    const { message } = verdict(`${pausedFrom}
      at 6200
      read r1 #2 2..2 tail
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: checkpoint 2 has waited to be written for 1200 ms, since 5000 ms, where the interval is 100 ms (event 7, 6200 ms)"`,
    )
  })
})
