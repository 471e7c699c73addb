import fc from "fast-check"
import { expect, test } from "vitest"
import { type AppendSpan, endOf } from "./append-span.js"
import { firstOf, mergeSpans, without } from "./span-merging.js"
import { span } from "./tables-under-test.js"

const spans = fc.array(
  fc
    .tuple(fc.constantFrom("A-1", "B-1"), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 4 }))
    .map(([stream, index, count]) => span(stream, index, count)),
  { maxLength: 12 },
)

const eventsOf = (some: Iterable<AppendSpan>) =>
  [...some].flatMap(({ stream, index, types }) => types.map((type, at) => `${stream} ${index + at} ${type}`))

test("merged spans have each event once, in order, in pieces that do not touch", () =>
  fc.assert(
    fc.property(spans, (given) => {
      const merged = mergeSpans(given)
      for (const pieces of merged.values())
        pieces.forEach((piece, at) => at > 0 && expect(piece.index).toBeGreaterThan(endOf(pieces[at - 1]!)))
      const events = eventsOf([...merged.values()].flat())
      expect([...events].sort()).toEqual([...new Set(eventsOf(given))].sort())
      expect([...merged.keys()]).toEqual([
        ...new Set(given.filter(({ types }) => types.length > 0).map((s) => s.stream)),
      ])
    }),
  ))

test("what an epoch has is taken off", () => {
  const pieces = mergeSpans([span("A-1", 0, 3), span("A-1", 5, 2), span("B-1", 0, 2), span("C-1", 0, 1)])
  const left = without(pieces, (stream) => ({ "A-1": 6, "B-1": 2 })[stream])
  expect([...left]).toEqual([
    ["A-1", [span("A-1", 6, 1)]],
    ["C-1", [span("C-1", 0, 1)]],
  ])
})

test("one event of the index gets as much text as it may have, in order, and always something", () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), fc.nat(200), (counts, units) => {
      const given = counts.map((count, at) => span(`A-${at}`, 0, count))
      const first = firstOf(given, units)
      expect(eventsOf(given).slice(0, eventsOf(first).length)).toEqual(eventsOf(first))
      expect(eventsOf(first).length).toBeGreaterThan(0)
      // The last text may begin below the limit and end above it.
      expect(eventsOf(first).length * 5).toBeLessThanOrEqual(units + 10)
    }),
  ))
