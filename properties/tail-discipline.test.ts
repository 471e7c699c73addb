import { describe, expect, test } from "vitest"
import { tailDiscipline } from "./tail-discipline.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([tailDiscipline], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(tailDiscipline.id) ?? 0 }
}

describe(tailDiscipline.title, () => {
  test("names busy polling", () => {
    const { message } = verdict(`
      run r1 c#1 tail=50 every=100
      read r1 #1 0..0 tail
      at 48
      read r1 #2 0..0 tail
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: page #2 was read 48 ms after the tail was found, the pause at the tail is 50 ms: busy polling (event 2, 48 ms)"`,
    )
  })

  test("names a sleep although there may be more to read", () => {
    const { message } = verdict(`
      run r1 c#1 tail=50 every=100
      read r1 #1 0..4 A-1@0
      at 50
      slept s1 50
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: has slept for 50 ms after a page that was not the tail: 1 sleeps, 0 pages that were (event 2, 50 ms)"`,
    )
  })

  test("names a page that is read twice", () => {
    const { message } = verdict(`
      run r1 c#1 tail=50 every=100
      loaded r1 0
      read r1 #1 0..4 A-1@0
      read r1 #2 0..4 A-1@0
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: page #2 was read from 0, the page before it ended at 4 (event 3, 0 ms)"`,
    )
  })

  test("names reads that are repeated as fast as they fail", () => {
    const failures = Array.from({ length: 20 }, (_, n) => `at ${n + 1}\nmisread r1 page transient connection lost`)
    const { message } = verdict(`
      run r1 c#1 tail=50 every=100 backoff=10/200
      read r1 #1 0..4 A-1@0
      ${failures.join("\n")}
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: 20 reads in a row have failed within 19 ms, which with pauses between them take 100 ms at least: busy polling (event 21, 20 ms)"`,
    )
  })

  test("names a repetition that begins behind what was taken in", () => {
    const { message } = verdict(`
      run r1 c#1 tail=50 every=100 backoff=10/200
      read r1 #1 0..4 A-1@0
      misread r1 page transient connection lost
      at 5
      read r1 #2 0..4 A-1@0
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: page #2 was read from 0, the page before it ended at 4 (event 3, 5 ms)"`,
    )
  })

  test("holds for repetitions with growing pauses", () => {
    const failures = Array.from({ length: 40 }, (_, n) => `at ${20 * n}\nmisread r1 page transient connection lost`)
    const { message, checked } = verdict(`
      run r1 c#1 tail=50 every=100 backoff=10/200
      misread r1 position transient connection lost
      loaded r1 0
      ${failures.join("\n")}
      read r1 #1 0..4 A-1@0
      misread r1 page transient connection lost
    `)
    expect(message).toBeUndefined()
    expect(checked).toBe(21)
  })

  test("holds for reads that follow each other, with a pause after each tail, of several tranches", () => {
    const { message, checked } = verdict(`
      run r1 c#1 tranche=A tail=50 every=100
      run r2 c#1 tranche=B tail=50 every=100
      read r1 #1 0..4 A-1@0
      read r1 #2 4..4 tail
      read r2 #1 0..0 tail
      at 50
      slept s1 50
      slept s1 50
      read r2 #2 0..3 B-1@0 tail
      read r1 #3 4..5 A-1@1
      at 100
      slept s1 50
      slept s1 100
      read r2 #3 3..3 tail
      read r1 #4 5..5 tail
    `)
    expect({ message, checked }).toEqual({ message: undefined, checked: 8 })
  })

  test("knows nothing of pauses that are not told, or that another one could be", () => {
    const untold = `
      run r1 c#1
      read r1 #1 0..0 tail
      read r1 #2 0..0 tail`
    const alike = `
      run r1 c#1 tail=50 every=50
      slept s1 50`
    expect([untold, alike].map((text) => verdict(text).message)).toEqual([undefined, undefined])
  })
})
