import { describe, expect, test } from "vitest"
import { sameEffects } from "./same-effects.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const beside = (text: string, calm: string) => {
  const watched = watch([sameEffects], parseTrace(text))
  watched.compare(watch([sameEffects], parseTrace(calm)))
  return { message: watched.violations[0]?.message, checked: watched.checked.get(sameEffects.id) ?? 0 }
}

const calm = `
  append A-1@0 A 1
  effect c#1 mails to A-1
  effect c#1 on=row writes 1
  effect c#1 on=row writes 2
  quiescent
`

describe(sameEffects.title, () => {
  test("names an effect that came about twice", () => {
    const { message } = beside(calm.replace("quiescent", "effect c#2 mails to A-1\nquiescent"), calm)
    expect(message).toMatchInlineSnapshot(`""mails to A-1" came about 2 times, when nothing goes wrong once"`)
  })

  test("names a state that is another one in the end", () => {
    const { message } = beside(calm.replace("writes 2", "writes 3"), calm)
    expect(message).toMatchInlineSnapshot(`"row: in the end "writes 3", when nothing goes wrong "writes 2""`)
  })

  test("holds when the end is the same, whatever the way", () => {
    const otherWay = calm.replace("effect c#1 on=row writes 1", "effect c#2 on=row writes 5")
    expect(beside(otherWay, calm)).toEqual({ message: undefined, checked: 1 })
  })

  test("compares nothing where the input is another one, or nothing came to rest", () => {
    const otherInput = calm.replace("A-1@0 A 1", "A-2@0 A 1").replace("mails", "cries")
    const restless = calm.replace("quiescent", "").replace("mails", "cries")
    expect(beside(otherInput, calm)).toEqual({ message: undefined, checked: 0 })
    expect(watch([sameEffects], parseTrace(restless)).hasToCompare).toBe(false)
  })
})
