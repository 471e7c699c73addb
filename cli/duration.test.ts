import fc from "fast-check"
import { expect, test } from "vitest"
import { parseDuration, showDuration } from "./duration.js"

test.each([
  ["1ms", 1],
  ["500ms", 500],
  ["10s", 10_000],
  ["1.5m", 90_000],
  ["24h", 86_400_000],
])("%s is %i milliseconds", (text, ms) => {
  expect(parseDuration("--time", text)).toBe(ms)
})

test.each(["", "10", "s", "-1s", "0s", "0.2ms", "10 s", "1e3s", "25h", "10d", "ten"])("%j is refused", (text) => {
  expect(() => parseDuration("--time", text)).toThrow(
    `--time must be a duration from 1ms to 24h with its unit, such as 500ms, 10s or 2m, received ${JSON.stringify(text)}`,
  )
})

test("whole milliseconds, seconds and minutes are read exactly", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1440 }),
      fc.constantFrom(["ms", 1] as const, ["s", 1e3] as const, ["m", 6e4] as const),
      (n, [unit, ms]) => {
        expect(parseDuration("--time", `${n}${unit}`)).toBe(n * ms)
      },
    ),
  )
})

test("durations are shown in the unit that suits them", () => {
  expect([0, 850, 999.7, 12_345, 59_949, 59_950, 125_000].map(showDuration)).toEqual([
    "0 ms",
    "850 ms",
    "1.0 s",
    "12.3 s",
    "59.9 s",
    "1 m 00 s",
    "2 m 05 s",
  ])
})
