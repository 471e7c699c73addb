import { describe, expect, test } from "vitest"
import { mostSteps, timeGoesOn } from "./time-goes-on.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string) => {
  const { violations, checked } = watch([timeGoesOn], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(timeGoesOn.id) ?? 0 }
}

const call = (n: number) => `
  call s1 #${n} A-1@0
  return s1 #${n} none`

const calls = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => call(from + n)).join("")

describe(timeGoesOn.title, () => {
  test("names a consumer that calls on and on in microtasks", () => {
    const { message } = verdict(`
      run r1 c#1
      turn 7
      ${calls(0, mostSteps)}
    `)
    expect(message).toMatchInlineSnapshot(
      `"c#1: has made 10000 steps within one turn: no timer fires and no signal is seen (event 10000, 0 ms)"`,
    )
  })

  test("names a consumer that goes on and on though it was asked to stop", () => {
    const { message } = verdict(`
      run r1 c#1
      abort c#1
      ${calls(0, mostSteps)}
    `)
    expect(message).toMatchInlineSnapshot(`"c#1: has made 10000 steps since it was asked to stop (event 10001, 0 ms)"`)
  })

  test("holds for as many steps in several turns, and for those of several consumers in one", () => {
    const { message, checked } = verdict(`
      run r1 c#1
      turn 7
      ${calls(0, mostSteps / 2 - 1)}
      turn 8
      ${calls(mostSteps, mostSteps + 10)}
      run r2 c#2 sink=s2
      ${calls(2 * mostSteps, 2 * mostSteps + 10).replaceAll("s1", "s2")}
    `)
    expect({ message, checked }).toEqual({ message: undefined, checked: 3 })
  })
})
