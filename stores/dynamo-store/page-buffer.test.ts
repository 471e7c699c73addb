import fc from "fast-check"
import { expect, test } from "vitest"
import { type ChosenSpan, PageBuffer } from "./page-buffer.js"

const time = new Date(0)
const entryOf = (counts: readonly number[], at: number): ChosenSpan[] =>
  counts.map((count) => ({ stream: `A-${at}`, index: 0, types: Array.from({ length: count }, () => "T"), time }))

const eventsIn = (spans: readonly ChosenSpan[]) => spans.reduce((sum, { types }) => sum + types.length, 0)

test("pages hold every span once and in order, no more events than the cutoff but for one entry that has more, and no fewer than fit", () =>
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 10 }),
      (counts, cutoff) => {
        const entries = counts.map(entryOf)
        const buffer = new PageBuffer(cutoff)
        const pages: (readonly ChosenSpan[])[] = []
        for (const entry of entries) {
          if (!buffer.hasRoomFor(entry)) {
            const page = buffer.take()
            expect(eventsIn(page) + eventsIn(entry)).toBeGreaterThan(cutoff)
            pages.push(page)
          }
          buffer.add(entry)
        }
        pages.push(buffer.take())
        expect(buffer.isEmpty).toBe(true)
        expect(pages.flat()).toEqual(entries.flat())
        for (const page of pages)
          expect(eventsIn(page) <= cutoff || new Set(page.map(({ stream }) => stream)).size === 1).toBe(true)
      },
    ),
  ))
