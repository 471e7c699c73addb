import { expect, test } from "vitest"
import { EpochPosition } from "./epoch-position.js"

test("a position is an epoch and an offset in it", () => {
  expect(EpochPosition.of(0, 0)).toBe(0n)
  expect(EpochPosition.of(1, 2)).toBe(1_000_002n)
  expect(EpochPosition.parse(1_000_002n)).toEqual({ epoch: 1, offset: 2 })
  expect(EpochPosition.format(1_000_002n)).toBe("1@2")
})

test("behind a closed epoch is the start of the next", () => {
  expect(EpochPosition.closed(0)).toBe(1_000_000n)
  expect(EpochPosition.of(0, 1_000_000)).toBe(EpochPosition.closed(0))
})

test("what is no place in an epoch is refused", () => {
  expect(() => EpochPosition.of(0, 1_000_001)).toThrow(
    'EpochPosition.of: option "offset" must be an integer from 0 to 1000000, received 1000001',
  )
  expect(() => EpochPosition.of(-1, 0)).toThrow('option "epoch"')
  expect(() => EpochPosition.of(0, 0.5)).toThrow('option "offset"')
  expect(() => EpochPosition.parse(-1n)).toThrow('option "position" must be a position in the index, 0n or more')
})
