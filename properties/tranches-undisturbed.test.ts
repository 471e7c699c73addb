import { describe, expect, test } from "vitest"
import { tranchesUndisturbed } from "./tranches-undisturbed.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([tranchesUndisturbed], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(tranchesUndisturbed.id) ?? 0 }
}

const siblings = `
  run r1 c#1 tranche=A tail=50
  run r2 c#1 tranche=B tail=50
  loaded r1 0
  loaded r2 0
  read r1 #1 0..1 A-1@0
  admit r1 #1
`

const polls = (run: string, from: number, to: number) =>
  Array.from({ length: Math.ceil((to - from) / 500) }, (_, n) => `at ${from + 500 * n}\nread ${run} #${n} 0..0 tail`)

describe(tranchesUndisturbed.title, () => {
  test("names a tranche that stands still while another goes on", () => {
    const { message } = verdict(`${siblings}
      ${polls("r2", 0, 20_000).join("\n")}
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: tranche A stands still beside its siblings: nothing of it has happened for 11000 ms, and its run has not ended (event 28, 11000 ms)"`,
    )
  })

  test("names a tranche that stands still because another one failed", () => {
    const { message } = verdict(`${siblings}
      misread r2 page connection lost
      at 8000
      quiescent
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: tranche A stands still beside its siblings: nothing of it has happened for 8000 ms, and its run has not ended (event 7, 8000 ms)"`,
    )
  })

  test("holds when the others go on, or end, or wait for their calls", () => {
    const goesOn = `${siblings}
      complete r1 #1 1
      end r2 error connection lost
      ${polls("r1", 0, 20_000).join("\n")}`
    const ends = `${siblings}
      misread r2 page connection lost
      end r1 error connection lost
      end r2 error connection lost
      at 20000
      quiescent`
    const waits = `${siblings}
      call s1 #1 A-1@0
      ${polls("r2", 0, 20_000).join("\n")}`
    expect([goesOn, ends, waits].map((text) => verdict(text).message)).toEqual([undefined, undefined, undefined])
    expect(verdict(waits).checked).toBeGreaterThan(0)
  })

  test("does not ask it of one tranche alone, nor of a process that is paused", () => {
    const alone = `
      run r1 c#1 tranche=A
      at 20000
      quiescent`
    const paused = `${siblings}
      fault pause c#1
      at 20000
      quiescent`
    expect([alone, paused].map((text) => verdict(text).message)).toEqual([undefined, undefined])
  })
})
