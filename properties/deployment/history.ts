import fc from "fast-check"
import { StreamName } from "../../engine/stream-name.js"
import type { Stage } from "../stage.js"
import type { ProcessContext } from "../../sim/world.js"

/** One append of a history: `count` events to a stream, `afterMs` milliseconds after the append before it. */
export interface Append {
  readonly stream: StreamName
  readonly count: number
  readonly afterMs: number
}

export type History = readonly Append[]

export interface HistoryBounds {
  readonly categories: readonly string[]
  /** Fewest and most streams in each category. */
  readonly streams: readonly [number, number]
  /** Most appends in all; each has one to four events. */
  readonly appends: number
  /** The longest pause between two appends, in milliseconds. 0: all at once. */
  readonly pauseMs: number
}

/** What is written, where and when. Shrinks to one event in one stream. */
export function history({ categories, streams, appends, pauseMs }: HistoryBounds): fc.Arbitrary<History> {
  const [fewest, most] = streams
  const append = fc.record({
    category: fc.constantFrom(...categories),
    stream: fc.nat(most - 1),
    count: fc.integer({ min: 1, max: 4 }),
    afterMs: fc.nat(pauseMs),
  })
  const shape = { streams: fc.integer({ min: fewest, max: most }), compound: fc.option(fc.nat(4), { freq: 1 }) }
  return fc
    .record({ ...shape, appends: fc.array(append, { minLength: 1, maxLength: appends, size: "max" }) })
    .map((drawn) =>
      drawn.appends.map(({ category, stream, count, afterMs }) => ({
        stream: nameOf(category, stream % drawn.streams, drawn.compound),
        count,
        afterMs,
      })),
    )
}

/** Some ids are compound (`id+part`): only what stands before the `+` decides which member of a group reads them. */
const nameOf = (category: string, n: number, compound: number | null): StreamName =>
  StreamName.create(category, compound !== null && n % 5 === compound ? `${n}+part` : String(n))

/** The main function of a process that writes a history, append by append. */
export const writing = (stage: Stage, history: History) => async (self: ProcessContext) => {
  for (const { stream, count, afterMs } of history) {
    if (afterMs > 0) await self.clock.sleep(afterMs, self.signal)
    await stage.append(self, stream, count)
  }
}
