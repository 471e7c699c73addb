import { describe, expect, test } from "vitest"
import { checkpointProvenance } from "./checkpoint-provenance.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([checkpointProvenance], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(checkpointProvenance.id) ?? 0 }
}

describe(checkpointProvenance.title, () => {
  test("names a position that no complete page has", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      read r1 #1 0..4 A-1@0
      admit r1 #1
      commit r1 4
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: checkpoint 4 is written, but no complete page of the run has it (event 4, 0 ms)"`,
    )
  })

  test("names an empty page's position while an older page is in progress", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      read r1 #1 0..4 A-1@0
      admit r1 #1
      read r1 #2 4..9
      commit r1 9
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: checkpoint 9 is written, but no complete page of the run has it (event 5, 0 ms)"`,
    )
  })

  test("lets any of several empty pages in a row be stored, and no position behind or before them", () => {
    const pages = `
      run r1 c#1
      loaded r1 0
      read r1 #1 0..4 A-1@0
      admit r1 #1
      read r1 #2 4..5
      read r1 #3 5..7
      read r1 #4 7..9
      complete r1 #1 4
    `
    for (const position of [5, 7, 9]) expect(verdict(`${pages}commit r1 ${position}`).message).toBeUndefined()
    for (const position of [3, 10])
      expect(verdict(`${pages}commit r1 ${position}`).message).toContain("no complete page")
  })

  test("names a position that goes back", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      read r1 #1 0..4 A-1@0
      read r1 #2 4..6 A-2@0
      complete r1 #2 6
      complete r1 #1 4
      commit r1 6
      committed r1 6
      commit r1 4
    `)
    expect(message).toMatchInlineSnapshot(`"r1: checkpoint 4 is written, after 6 was (event 8, 0 ms)"`)
  })

  test("names a write that begins before the last one has settled", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 0
      read r1 #1 0..4 A-1@0
      read r1 #2 4..6 A-2@0
      complete r1 #1 4
      complete r1 #2 6
      commit r1 4
      commit r1 6
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: checkpoint 6 is written, while the write of 4 is still going on (event 7, 0 ms)"`,
    )
  })

  test("names a position below the one loaded", () => {
    const { message } = verdict(`
      run r1 c#1
      loaded r1 7
      read r1 #1 0..4 A-1@0
      complete r1 #1 4
      commit r1 4
    `)
    expect(message).toMatchInlineSnapshot(`"r1: checkpoint 4 is written, though the run began at 7 (event 4, 0 ms)"`)
  })

  test("has nothing to say about skipped positions, empty pages that replace a pending one's position, and a failed write that is repeated", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      loaded r1 0
      read r1 #1 0..4 A-1@0
      read r1 #2 4..6
      read r1 #3 6..8
      complete r1 #1 4
      commit r1 8
      failed r1 8
      commit r1 8
      committed r1 8
      read r1 #4 8..9 A-2@0
      read r1 #5 9..12 A-2@1
      complete r1 #4 9
      complete r1 #5 12
      commit r1 12
      committed r1 12 stored=20
    `)
    expect(message).toBeUndefined()
    expect(checked).toBeGreaterThan(0)
  })
})
