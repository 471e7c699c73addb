import fc from "fast-check"
import { expect, it } from "vitest"
import { endOf, type AppendSpan } from "./index/append-span.js"
import { rangesOf } from "./span-ranges.js"

const span: fc.Arbitrary<AppendSpan> = fc.record({
  stream: fc.constantFrom("a-1", "b-1"),
  index: fc.nat(30),
  types: fc.array(fc.constant("T"), { minLength: 1, maxLength: 5 }),
})

const events = (stream: string, start: number, end: number) =>
  Array.from({ length: end - start }, (_, offset) => `${stream}#${start + offset}`)

it("covers exactly the events of the spans, each once, with a gap between any two ranges of a stream", () => {
  fc.assert(
    fc.property(fc.array(span), (spans) => {
      const ranges = rangesOf(spans)
      const wanted = new Set(spans.flatMap((it) => events(it.stream, it.index, endOf(it))))
      expect(ranges.flatMap(({ stream, start, end }) => events(stream, start, end)).toSorted()).toEqual(
        [...wanted].toSorted(),
      )
      for (const { stream, end } of ranges)
        expect(ranges.some((other) => other.stream === stream && other.start === end)).toBe(false)
    }),
  )
})
