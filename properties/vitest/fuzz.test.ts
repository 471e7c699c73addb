import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import type { FuzzWorld } from "../fuzz/reaction.js"
import { fuzz, fuzzTest } from "./index.js"

const outside = () => ({ totals: new Map<string, number>() })
type Outside = ReturnType<typeof outside>

const store = ({ totals }: Outside) => ({
  get: async (stream: string) => totals.get(stream) ?? 0,
  put: async (stream: string, total: number) => void totals.set(stream, total),
})

/** Counts whatever comes. */
const counting = (world: FuzzWorld, outside: Outside) => {
  const rows = world.port("rows", store(outside))
  return async (stream: string, events: readonly unknown[]) => {
    await rows.put(stream, (await rows.get(stream)) + events.length)
  }
}

/** Knows how far it has come: the index of the last event is the count. */
const countingByIndex = (world: FuzzWorld, outside: Outside) => {
  const rows = world.port("rows", { raise: async (stream: string, total: number) => raise(outside, stream, total) })
  return async (stream: string, events: readonly { index: bigint }[]) => {
    await rows.raise(stream, Number(events.at(-1)!.index) + 1)
  }
}

const raise = ({ totals }: Outside, stream: string, total: number) => {
  if (total > (totals.get(stream) ?? 0)) totals.set(stream, total)
}

const about = {
  events: { "cart-1": [{ type: "Added" }, { type: "Added" }], "cart-2": [{ type: "Added" }] },
  outside,
  observe: ({ totals }: Outside) => totals,
  runs: 30,
}

let folder: string
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "windtunnel-cases-"))))
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const message = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(Error)
  return (error as Error).message.replaceAll(folder, "cases")
}

fuzzTest("a test that is made of a reaction", { ...about, reaction: countingByIndex })

describe("a count", { timeout: 120_000 }, () => {
  test("is kept, and run again by one command", async () => {
    const failing = { ...about, reaction: counting, cases: folder }
    const first = await message(fuzz(failing))
    expect(first.split("\n").at(-1)).toBe(
      "again: WINDTUNNEL_CASE=cases/a-count-is-kept-and-run-again-by-one-command.redelivery.json " +
        'npx vitest run properties/vitest/fuzz.test.ts -t "a count is kept, and run again by one command"',
    )
    const [file = ""] = readdirSync(folder).filter((name) => name.includes("redelivery"))
    vi.stubEnv("WINDTUNNEL_CASE", path.join(folder, file))
    expect(await message(fuzz(failing))).toMatchInlineSnapshot(`
      "not idempotent: fails by redelivery of a span

        ✗ redelivery of a span  after 1 history

      ✗ redelivery of a span
        given cart-2@0 Added
          consumer#1  gets cart-2@0
          consumer#1    rows.get('cart-2')
          consumer#1    rows.put('cart-2', 1)
          consumer#1  ✗ dies before the position is stored: the span comes again
          consumer#2  starts at position 0
          consumer#2  gets cart-2@0
          consumer#2    rows.get('cart-2')
          consumer#2    rows.put('cart-2', 2)
          - Map(1) { 'cart-2' => 1 }
          + Map(1) { 'cart-2' => 2 }
        → rows.put is called again for the same event with other arguments. If they hold a key, it must not come from
          time, chance or a count: make it of the stream and the event's index. Else let a decider look first at what
          is there.
        kept in cases/a-count-is-kept-and-run-again-by-one-command.redelivery.json

      again: WINDTUNNEL_CASE=cases/a-count-is-kept-and-run-again-by-one-command.redelivery.json npx vitest run properties/vitest/fuzz.test.ts -t "a count is kept, and run again by one command""
    `)
    await expect(fuzz({ ...failing, reaction: countingByIndex })).resolves.toMatchObject({ histories: 1 })
    vi.unstubAllEnvs()
    // What was kept is run first: it is found at once.
    expect(await message(fuzz(failing))).toMatch("✗ redelivery of a span                     after 1 history")
  })

  test("with another case asked for, a test does not run", async () => {
    const failing = { ...about, reaction: counting, cases: folder }
    await message(fuzz({ ...failing, name: "one" }))
    vi.stubEnv("WINDTUNNEL_CASE", path.join(folder, readdirSync(folder)[0]!))
    await expect(fuzz({ ...failing, name: "another" })).resolves.toMatchObject({ outcome: "not exercised" })
  })

  test("by its stack, a failure is where fuzz was called", async () => {
    const error = await fuzz({ ...about, reaction: counting, cases: folder }).catch(
      (reason: unknown) => reason as Error,
    )
    expect((error as Error).stack).toMatch(/\n {4}at .*properties\/vitest\/fuzz\.test\.ts:\d+:\d+\)?$/m)
  })

  test("a matcher says the same", async () => {
    const { events, observe } = about
    await expect(countingByIndex).toBeIdempotent({ events, outside, observe, runs: 30 })
    await expect(counting).not.toBeIdempotent({ events, outside, observe, runs: 30, cases: folder })
  })

  test("a time in the environment that is none is refused", async () => {
    vi.stubEnv("WINDTUNNEL_TIME", "10")
    expect(await message(fuzz({ ...about, reaction: counting }))).toBe(
      'fuzz: option "WINDTUNNEL_TIME" must be a duration from 1ms to 24h with its unit, such as 500ms, 10s or 2m, received "10"',
    )
  })
})
