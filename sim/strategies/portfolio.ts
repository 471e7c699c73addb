import type { SeededRandom } from "../seeded-random.js"
import { fifo, random, type Strategy } from "../strategy.js"
import { delayBounded } from "./delay-bounded.js"
import { withLatencies } from "./latencies.js"
import { pct } from "./pct.js"
import { skewed } from "./skewed.js"

/** Of so many runs by the portfolio, so many go by each of these. */
const members: readonly (readonly [share: number, strategy: Strategy])[] = [
  [6, random],
  [2, withLatencies(random, "none")],
  [3, withLatencies(random, "uneven")],
  [2, withLatencies(skewed(), "none")],
  [2, withLatencies(skewed("process"), "none")],
  [1, withLatencies(pct(1), "none")],
  [3, withLatencies(pct(2), "none")],
  [3, withLatencies(pct(3), "none")],
  [2, withLatencies(pct(3, { of: "process" }), "none")],
  [1, withLatencies(pct(2), "uneven")],
  [2, withLatencies(delayBounded(5), "none")],
  [1, fifo],
]

const total = members.reduce((sum, [share]) => sum + share, 0)

/**
 * Many strategies in one, for finding bugs of which nothing is known: each run goes by one of them, drawn from the run's
 * seed alone, so that the same seed gives the same history whatever was run before it. Shares were chosen by what finds
 * planted bugs in few runs, see `bench/strategies.ts`. The result's `strategy` says which it was, e.g.
 * `portfolio: pct(3), no latency`.
 */
export const portfolio: Strategy = {
  name: "portfolio",
  begin: (source) => {
    const strategy = draw(source)
    const chooser = strategy.begin(source)
    return Object.assign(chooser, { name: `portfolio: ${strategy.name}` })
  },
}

function draw(source: SeededRandom): Strategy {
  let drawn = source.integer(0, total - 1)
  return members.find(([share]) => (drawn -= share) < 0)![1]
}
