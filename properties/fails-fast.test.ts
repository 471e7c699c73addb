import { describe, expect, test } from "vitest"
import { failsFast, failsVisibly } from "./fails-fast.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string, property = failsFast) => {
  const { violations, checked } = watch([property], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(failsFast.id) ?? 0 }
}

const calling = `
  run r1 c#1 tries=2
  loaded r1 0
  call s1 #1 A-1@0
  call s1 #2 A-2@0..1
`

describe(failsFast.title, () => {
  test("names a run that ends as if nothing were wrong", () => {
    const { message } = verdict(`${calling}
      throw s1 #1 out of paper
      end r1 ok
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: ends as if nothing were wrong, after call #1 of A-1 threw with "out of paper" (event 5, 0 ms)"`,
    )
  })

  test("names an error that vanishes after a stop", () => {
    const { message } = verdict(`${calling}
      abort c#1
      throw s1 #1 out of paper
      end r1 ok
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: ends as if nothing were wrong, after call #1 of A-1 threw with "out of paper" (event 6, 0 ms)"`,
    )
  })

  test("names a call that starts although the run has failed", () => {
    const { message } = verdict(`${calling}
      misread r1 page connection lost
      call s1 #3 A-3@0
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #3 of A-3 starts after the read of a page failed with "connection lost" (event 5, 0 ms)"`,
    )
  })

  test("lets a failed write end the run before a call threw, where it is not known how many do", () => {
    const late = `
      commit r1 3
      failed r1 3 disk full
      throw s1 #1 out of paper
      end r1 error disk full
    `
    expect(verdict(calling.replace("tries=2", "") + late).message).toBeUndefined()
    expect(verdict(calling + late).message).toContain("which is not the first error")
  })

  test("lets a read that fails for a passing reason be repeated, or end the run", () => {
    const text = `${calling}
      misread r1 page transient connection lost
      call s1 #3 A-3@0
    `
    expect(verdict(text).message).toBeUndefined()
    expect(verdict(`${text}\nend r1 error connection lost`).message).toBeUndefined()
    expect(verdict(`${text}\nthrow s1 #1 out of paper\nend r1 error connection lost`).message).toBeUndefined()
    expect(verdict(`${text}\nmisread r1 page configuration no such table\nend r1 ok`).message).toMatchInlineSnapshot(
      `"r1: ends as if nothing were wrong, after the read of a page failed with "no such table" (event 7, 0 ms)"`,
    )
  })

  test("names another error than the first", () => {
    const { message } = verdict(`${calling}
      throw s1 #1 out of paper
      throw s1 #2 out of ink
      end r1 error out of ink
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: ends with "out of ink", which is not the first error: that was when call #1 of A-1 threw with "out of paper" (event 6, 0 ms)"`,
    )
  })

  test("names a result that is none and has no consequences", () => {
    const { message } = verdict(`${calling}
      return s1 #2 partial 5
      at 10001
      quiescent
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: has neither ended nor reported 10001 ms after call #2 of A-2 answered PartiallyProcessed(5) to 2 events (event 5, 10001 ms)"`,
    )
  })

  test("names a failed write that nobody repeats and nobody hears of", () => {
    const { message } = verdict(`${calling}
      commit r1 1
      failed r1 1 connection lost
      end r1 ok
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: ends as if nothing were wrong, though its last write of a position failed with "connection lost" (event 6, 0 ms)"`,
    )
  })

  test("names writes that fail more often than is tolerated, and end nothing", () => {
    const { message } = verdict(`${calling}
      failed r1 1 connection lost
      failed r1 1 too many clients
      at 10001
      call s1 #3 A-3@0
    `)
    expect(message).toMatchInlineSnapshot(
      `"s1: call #3 of A-3 starts after the write of a position, the 2nd in a row, failed with "too many clients" (event 6, 10001 ms)"`,
    )
  })

  test("names an error that nothing had led to", () => {
    const { message } = verdict(`${calling}
      fault delay c#1 20
      fault replyLost c#2
      end r1 error fifo is undefined
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: ends with "fifo is undefined", though nothing had failed (event 6, 0 ms)"`,
    )
  })

  test("may be asked of an engine with reasons of its own, and then only of what vanishes", () => {
    expect(verdict(`${calling}\nend r1 error another has the lock`, failsVisibly).message).toBeUndefined()
    const vanishing = `${calling}\nthrow s1 #1 out of paper\nend r1 ok`
    expect(verdict(vanishing, failsVisibly).message).toMatchInlineSnapshot(
      `"r1: ends as if nothing were wrong, after call #1 of A-1 threw with "out of paper" (event 5, 0 ms)"`,
    )
  })

  test.each(["fault replyLost c#1", "fault restart store", "abort c#1", "failed r1 7 connection lost"])(
    "takes %j for a reason to end with an error",
    (reason) => {
      const { message } = verdict(`${calling}
        ${reason}
        end r1 error fifo is undefined
      `)
      expect(message).toBeUndefined()
    },
  )

  test("holds when the run ends with the first error, once running calls have ended", () => {
    const { message, checked } = verdict(`${calling}
      throw s1 #1 out of paper
      at 4000
      return s1 #2 all
      end r1 error out of paper
    `)
    expect({ message, checked }).toEqual({ message: undefined, checked: 1 })
  })

  test("does not ask it of writes that are repeated, of a process that dies, and of one that is paused", () => {
    const repeated = `${calling}
      failed r1 1
      committed r1 1
      failed r1 2
      committed r1 2
      end r1 ok`
    const dead = `${calling}
      throw s1 #1 out of paper
      crash c#1
      at 20000
      quiescent`
    const paused = `${calling}
      throw s1 #1 out of paper
      fault pause c#1 60000
      at 60000
      resume c#1
      at 61000
      end r1 error out of paper`
    expect([repeated, dead, paused].map((text) => verdict(text).message)).toEqual([undefined, undefined, undefined])
  })
})
