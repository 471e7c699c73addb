import { describe, expect, it } from "vitest"
import fc from "fast-check"
import { wireFixture } from "./fixtures/wire-fixture.js"
import { commit, decode, encode, fold, override, start, transmute, type ReaderState } from "./reader-checkpoint.js"

interface Stored {
  readonly index: number
  readonly type: string
  readonly data: string
}
interface Fixture {
  readonly expected: Record<string, { readonly events: readonly Stored[]; readonly unfolds: readonly Stored[] }>
}

const streams = Object.entries(wireFixture<Fixture>("08-reader-checkpoints.json").expected)
const stored = streams.flatMap(([, { events, unfolds }]) => [...events, ...unfolds])
const event = (type: string, data: string, index = 0) => ({ type, data, index: BigInt(index) })
const decoded = (type: string, body: unknown) => decode(event(type, JSON.stringify(body)))

describe("the stored form of a checkpoint", () => {
  it.each(stored)("is the published one, to the byte: $type $data", ({ type, data, index }) => {
    expect(encode(decode(event(type, data, index))!)).toEqual({ type, data })
  })

  it("gives back what was encoded", () => {
    const reader = fc.record({
      checkpointFreqS: fc.integer({ min: 1 }),
      at: fc.integer({ min: 0, max: 4e12 }),
      nextCheckpointDue: fc.integer({ min: 0, max: 4e12 }),
      position: fc.bigInt({ min: 0n }),
    })
    const type = fc.constantFrom("Started", "Checkpointed", "Overridden", "Updated", "Snapshotted")
    fc.assert(
      fc.property(type, reader, (type, reader) => {
        const { data } = encode({ type, reader })
        expect(decode(event(type, data))).toEqual({ type, reader })
      }),
    )
  })

  it("is understood as upstream writes it: its name of an override, positions as numbers, times to 100 ns", () => {
    const at = "2026-11-23T18:41:09.8501234+00:00"
    const body = { config: { checkpointFreqS: 5 }, pos: { at, nextCheckpointDue: at, pos: 1_000_002 } }
    const time = Date.parse("2026-11-23T18:41:09.850Z")
    expect(decoded("Overrode", body)).toEqual({
      type: "Overridden",
      reader: { checkpointFreqS: 5, at: time, nextCheckpointDue: time, position: 1_000_002n },
    })
  })

  it("skips types that it does not know", () => {
    expect(decoded("Archived", {})).toBeUndefined()
  })

  it.each<[string, string | undefined]>([
    ["no body", undefined],
    ["no JSON", "{"],
    ["no object", "7"],
    [
      "another field",
      `{"config":{"checkpointFreqS":1},"pos":{"at":"2026-11-23","nextCheckpointDue":"2026-11-23","pos":"1"}}`,
    ],
    [
      "a position that is none",
      `{"config":{"checkpointFreqS":1},"origin":{"at":"2026-11-23","nextCheckpointDue":"2026-11-23","pos":"1.5"}}`,
    ],
    [
      "a time that is none",
      `{"config":{"checkpointFreqS":1},"origin":{"at":"yesterday","nextCheckpointDue":"2026-11-23","pos":"1"}}`,
    ],
  ])("refuses a body with %s", (_, data) => {
    const read = () => decode({ type: "Started", index: 3n, ...(data !== undefined && { data }) })
    expect(read).toThrow(/^Started with index 3 is no checkpoint: /)
  })
})

describe("what is decided on a checkpoint", () => {
  const freqS = 10
  const running = (position: bigint, due = 10_000): ReaderState => ({
    checkpointFreqS: freqS,
    at: 0,
    nextCheckpointDue: due,
    position,
  })

  it.each(streams)("folds to the unfold beside the events: %s", (_, { events, unfolds }) => {
    const readers = [...events, ...unfolds].map(({ type, data }) => decode(event(type, data))!)
    expect(fold(undefined, readers)).toEqual(readers.at(-1)!.reader)
  })

  it("starts once", () => {
    expect(start(running(3n), 5n, 0, freqS)).toEqual([])
    expect(fold(undefined, start(undefined, 5n, 0, freqS))).toEqual(running(5n))
  })

  it("keeps the due time while nothing is due, and the unfold alone is written", () => {
    const events = commit(running(3n), 4n, 9_999, freqS)
    expect(events).toEqual([{ type: "Updated", reader: { ...running(4n), at: 9_999 } }])
    expect(transmute(events, fold(running(3n), events))).toEqual([
      [],
      [{ type: "Snapshotted", reader: { ...running(4n), at: 9_999 } }],
    ])
  })

  it("writes nothing for the same position while nothing is due", () => {
    expect(commit(running(3n), 3n, 9_999, freqS)).toEqual([])
  })

  it("override goes back, and writes nothing if it would change nothing", () => {
    expect(fold(running(9n), override(running(9n), 2n, 0, freqS))?.position).toBe(2n)
    expect(override(running(9n), 9n, 0, freqS)).toEqual([])
    expect(override(running(9n), 9n, 0, 11)).toHaveLength(1)
  })

  it("never goes back by commits, whatever their order and times", () => {
    const commits = fc.array(fc.record({ position: fc.bigInt({ min: 0n, max: 20n }), now: fc.nat(50_000) }))
    fc.assert(
      fc.property(commits, (commits) => {
        let state: ReaderState
        for (const { position, now } of commits) {
          const before = state?.position ?? 0n
          state = fold(state, commit(state, position, now, freqS))
          expect(state?.position).toBe(position > before ? position : before)
        }
      }),
    )
  })
})
