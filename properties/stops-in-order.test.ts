import { describe, expect, test } from "vitest"
import { endsInOrder, stopsInOrder } from "./stops-in-order.js"
import { parseTrace } from "./trace-text.js"
import { watch } from "./watch.js"

const verdict = (text: string, property = stopsInOrder) => {
  const { violations, checked } = watch([property], parseTrace(text))
  return { message: violations[0]?.message, checked: checked.get(stopsInOrder.id) ?? 0 }
}

const handled = `
  run r1 c#1
  loaded r1 0
  read r1 #1 0..4 A-1@0
  admit r1 #1
  call s1 #1 A-1@0
`

describe(stopsInOrder.title, () => {
  test("names a run that ends before what it completed is stored", () => {
    const { message } = verdict(`${handled}
      return s1 #1 all
      complete r1 #1 4
      abort c#1
      commit r1 4
      end r1 ok
      committed r1 4
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: ends with 0 stored, though it completed a batch with checkpoint 4 (event 9, 0 ms)"`,
    )
  })

  test("names a call that is left running", () => {
    const { message } = verdict(`${handled}
      abort c#1
      at 20
      end r1 ok
      return s1 #1 all
    `)
    expect(message).toMatchInlineSnapshot(`"r1: ends while call #1 of A-1 runs (event 6, 20 ms)"`)
  })

  test("names a call that starts after the run was asked to stop", () => {
    const { message } = verdict(`${handled}
      abort c#1
      return s1 #1 partial 1
      call s1 #2 A-2@0
    `)
    expect(message).toMatchInlineSnapshot(`"s1: call #2 of A-2 starts, though it was asked to stop (event 7, 0 ms)"`)
  })

  test("names pages that are read after the one that was under way", () => {
    const { message } = verdict(`${handled}
      abort c#1
      read r1 #2 4..6 A-2@0
      read r1 #3 6..8 A-2@1
    `)
    expect(message).toMatchInlineSnapshot(
      `"r1: page #3 is read, though it was asked to stop before it had read the one before (event 7, 0 ms)"`,
    )
  })

  test("names what a run does that has ended", () => {
    const ended = `${handled}
      return s1 #1 all
      end r1 error connection lost
    `
    expect(verdict(`${ended}\ncall s1 #2 A-2@0`).message).toMatchInlineSnapshot(
      `"s1: call #2 of A-2 starts, though its run has ended (event 7, 0 ms)"`,
    )
    expect(verdict(`${ended}\ncommit r1 4`).message).toMatchInlineSnapshot(
      `"r1: position 4 is written, though the run has ended (event 7, 0 ms)"`,
    )
    expect(verdict(`${ended}\ncomplete r1 #1 4`).message).toMatchInlineSnapshot(
      `"r1: page #1 completes, though the run has ended (event 7, 0 ms)"`,
    )
    expect(verdict(`${ended}\ncrash c#1\ncommit r1 4`).message).toBeUndefined()
  })

  test("may be asked of an engine that finishes what it has admitted, and then only of its end", () => {
    const finishing = `${handled}
      abort c#1
      return s1 #1 partial 1
      call s1 #2 A-2@0
      return s1 #2 all
      complete r1 #1 4
    `
    const finished = `${finishing}
      commit r1 4
      committed r1 4
      end r1 ok
    `
    expect(verdict(finished, endsInOrder)).toEqual({ message: undefined, checked: 1 })
    expect(verdict(`${finishing}\nend r1 ok`, endsInOrder).message).toMatchInlineSnapshot(
      `"r1: ends with 0 stored, though it completed a batch with checkpoint 4 (event 10, 0 ms)"`,
    )
  })

  test("names a run that goes on long after the drain limit", () => {
    const late = `${handled}
      return s1 #1 all
      complete r1 #1 4
      commit r1 4
      committed r1 4
      abort c#1
      at 10001
      end r1 ok
    `
    expect(verdict(late).message).toMatchInlineSnapshot(
      `"r1: has not ended 10001 ms after it was asked to stop (event 10, 10001 ms)"`,
    )
    expect(verdict(late.replace("abort c#1", "abort c#1\nfault pause c#1")).message).toBeUndefined()
    expect(verdict(late.replace("abort c#1", "fault pause c#1\nabort c#1")).message).toBeUndefined()
    expect(verdict(late.replace("abort c#1", "abort c#1\nfault delay c#1 30")).message).toBeUndefined()
  })

  test("holds when the last checkpoint is stored, or a higher one of somebody else", () => {
    for (const stored of ["", "stored=9"]) {
      const { message, checked } = verdict(`${handled}
        abort c#1
        return s1 #1 all
        complete r1 #1 4
        commit r1 4
        committed r1 4 ${stored}
        end r1 ok
      `)
      expect({ message, checked }).toEqual({ message: undefined, checked: 1 })
    }
  })

  test("does not ask it of runs that fail or that nobody asked to stop, nor of calls that outlast the patience", () => {
    const failed = `${handled}
      abort c#1
      end r1 error`
    const unasked = `${handled}
      end r1 ok`
    const patient = `${handled}
      abort c#1
      at 5000
      end r1 ok`
    expect([failed, unasked, patient].map((text) => verdict(text).message)).toEqual([undefined, undefined, undefined])
  })
})
