import fc from "fast-check"
import { expect, test } from "vitest"
import { ManualClock } from "../manual-clock.js"
import { systemRandom } from "../random.js"
import { PersistentReading, type PersistentReadingOptions } from "./persistent-reading.js"
import { type FailureClass, type ReadFailure, retryTransient } from "./read-failure.js"

const never = new AbortController().signal
const page = { what: "a page", trancheId: "t", position: 7n }

class Lost extends Error {
  override readonly name = "Lost"
}

const classify = (error: unknown): FailureClass => (error instanceof Lost ? "transient" : "permanent")

function rig(options: Partial<PersistentReadingOptions> = {}) {
  const clock = new ManualClock()
  const [warnings, failures]: [string[], ReadFailure[]] = [[], []]
  const reading = new PersistentReading({
    classify,
    decide: retryTransient,
    backOffMs: 100,
    maxBackOffMs: 1000,
    clock,
    random: { ...systemRandom, next: () => 0.5 },
    warn: (message) => warnings.push(message),
    onFailure: (failure) => failures.push(failure),
    ...options,
  })
  return { clock, reading, warnings, failures }
}

/** Fails so many times, then answers. */
function failing(times: number, error: () => unknown = () => new Lost("gone")) {
  let attempts = 0
  return async () => {
    if (++attempts <= times) throw error()
    return attempts
  }
}

test("a read is repeated until it succeeds, and each failure is told with what will be done", async () => {
  const { clock, reading, warnings, failures } = rig()
  const answer = reading.read(page, never, failing(3))
  await clock.advance(350)
  await expect(answer).resolves.toBe(4)
  expect(warnings).toMatchInlineSnapshot(`
    [
      "reading a page failed, next attempt in 50 ms: Lost: gone",
      "reading a page failed 2 times in a row, next attempt in 100 ms: Lost: gone",
      "reading a page failed 3 times in a row, next attempt in 200 ms: Lost: gone",
    ]
  `)
  expect(failures[2]).toEqual({
    ...{ class: "transient", error: new Lost("gone"), what: "a page", trancheId: "t", position: 7n },
    ...{ attempts: 3, delayMs: 200 },
  })
})

test("a pause is at most backOffMs, doubled with each failure in a row up to maxBackOffMs", async () => {
  const input = fc.record({
    backOffMs: fc.nat(5_000),
    maxBackOffMs: fc.nat(60_000),
    draws: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 40 }),
  })
  await fc.assert(
    fc.asyncProperty(input, async ({ backOffMs, maxBackOffMs, draws }) => {
      const left = [...draws]
      const slept: number[] = []
      const sleep = async (ms: number) => void slept.push(ms)
      const clock = { now: () => 0, turn: () => Promise.resolve(), sleep }
      const random = { ...systemRandom, next: () => left.shift()! }
      const { reading } = rig({ backOffMs, maxBackOffMs, random, clock })
      await reading.read(page, never, failing(draws.length))
      const longest = draws.map((_, n) => Math.min(maxBackOffMs, backOffMs * 2 ** n))
      expect(slept).toEqual(draws.map((draw, n) => Math.round(draw * longest[n]!)))
    }),
  )
})

test("what will not pass is thrown as it is, at once", async () => {
  const { reading, warnings, failures } = rig()
  const error = new Error("no such table")
  await expect(reading.read(page, never, () => Promise.reject(error))).rejects.toBe(error)
  expect(failures).toMatchObject([{ class: "permanent", attempts: 1 }])
  expect(warnings).toEqual([])
})

test("the host decides: to give up, or to go on with what usually ends the run", async () => {
  const stubborn = rig({ decide: () => "retry" })
  const answer = stubborn.reading.read(
    page,
    never,
    failing(2, () => "a text"),
  )
  await stubborn.clock.advance(500)
  await expect(answer).resolves.toBe(3)

  const impatient = rig({ decide: ({ attempts }) => (attempts < 3 ? "retry" : "fail") })
  const given = impatient.reading.read(page, never, failing(9))
  given.catch(() => undefined)
  await impatient.clock.advance(500)
  await expect(given).rejects.toThrow("gone")
  expect(impatient.failures).toHaveLength(3)
})

test("what is neither retry nor fail ends the run", async () => {
  const { reading } = rig({ decide: (() => Promise.resolve("retry")) as never })
  await expect(reading.read(page, never, failing(1))).rejects.toThrowErrorMatchingInlineSnapshot(
    `[Error: onReadFailure must answer "retry" or "fail", received an object]`,
  )
})

test("an abort ends a pause at once and leaves nothing behind", async () => {
  const { clock, reading } = rig()
  const stop = new AbortController()
  const answer = reading.read(page, stop.signal, failing(1))
  await clock.settle()
  expect(clock.sleeping).toBe(1)
  stop.abort("stopped")
  await expect(answer).rejects.toBe("stopped")
  expect(clock.sleeping).toBe(0)
})

test("a read that fails after the abort is not decided upon: what may pass ends in peace, the rest is thrown", async () => {
  const { reading, failures } = rig()
  const failed = async (error: Error) => {
    const stop = new AbortController()
    const answer = reading.read(page, stop.signal, async () => {
      stop.abort("stopped")
      throw error
    })
    return answer.catch((thrown: unknown) => thrown)
  }
  expect(await failed(new Lost("gone"))).toBe("stopped")
  expect(await failed(new Error("broken"))).toEqual(new Error("broken"))
  expect(failures).toEqual([])
})

test("a failure of a read inside a read is decided upon once", async () => {
  const { reading, failures } = rig()
  const inner = () => reading.read({ what: "a part" }, never, () => Promise.reject(new Error("broken")))
  await expect(reading.read(page, never, inner)).rejects.toThrow("broken")
  expect(failures.map(({ what }) => what)).toEqual(["a part"])
})
