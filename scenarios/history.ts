import { StreamName } from "../engine/stream-name.js"
import type { Stage } from "../properties/stage.js"
import type { SeededRandom } from "../sim/seeded-random.js"
import type { ProcessContext } from "../sim/world.js"

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
  /** Fewest and most appends in all; each has one to four events. */
  readonly appends: readonly [number, number]
  /** The longest pause between two appends, in milliseconds. 0: all at once. */
  readonly pauseMs: number
}

/** Draws what is written, where and when. */
export function drawHistory(random: SeededRandom, bounds: HistoryBounds): History {
  const streams = bounds.categories.flatMap((category) => drawStreams(random, category, bounds.streams))
  return Array.from({ length: random.integer(...bounds.appends) }, () => ({
    stream: random.pick(streams),
    count: random.integer(1, 4),
    afterMs: random.integer(0, bounds.pauseMs),
  }))
}

/** Some ids are compound (`id+part`): only what stands before the `+` decides which member of a group reads them. */
function drawStreams(random: SeededRandom, category: string, [least, most]: readonly [number, number]): StreamName[] {
  return Array.from({ length: random.integer(least, most) }, (_, n) =>
    StreamName.create(category, random.chance(0.2) ? `${n}+part` : String(n)),
  )
}

/** The main function of a process that writes a history, append by append. */
export const writing = (stage: Stage, history: History) => async (self: ProcessContext) => {
  for (const { stream, count, afterMs } of history) {
    if (afterMs > 0) await self.clock.sleep(afterMs, self.signal)
    await stage.append(self, stream, count)
  }
}
