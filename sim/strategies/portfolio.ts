import { random, fifo } from "../strategy.js"
import type { Chooser, Strategy } from "../strategy.js"
import type { SeededRandom } from "../seeded-random.js"
import { delayBounded } from "./delay-bounded.js"
import { hashOf, pct, rankOf } from "./pct.js"
import { skewed } from "./skewed.js"

/**
 * How long requests and replies are under way: `drawn` from the range, each by itself; `none` longer than it must, so that
 * all are ready together and the strategy alone says who waits; `uneven`, always the shortest time for some incarnations
 * of processes and always the longest for others.
 */
type Latencies = "drawn" | "none" | "uneven"

interface Member {
  readonly weight: number
  readonly strategy: Strategy
  readonly latencies: Latencies
}

const members: readonly Member[] = [
  { weight: 6, strategy: random, latencies: "drawn" },
  { weight: 2, strategy: random, latencies: "none" },
  { weight: 2, strategy: random, latencies: "uneven" },
  { weight: 2, strategy: skewed(), latencies: "none" },
  { weight: 2, strategy: skewed("process"), latencies: "none" },
  { weight: 1, strategy: pct(1), latencies: "none" },
  { weight: 2, strategy: pct(2), latencies: "none" },
  { weight: 2, strategy: pct(3), latencies: "none" },
  { weight: 1, strategy: pct(2), latencies: "drawn" },
  { weight: 1, strategy: pct(3, { of: "process" }), latencies: "none" },
  { weight: 1, strategy: delayBounded(2), latencies: "none" },
  { weight: 1, strategy: fifo, latencies: "drawn" },
]

/**
 * Many strategies in one, for finding bugs of which nothing is known: each run goes by one of them, drawn from the run's
 * seed alone, so that the same seed gives the same history whatever was run before it. Shares were chosen by what finds
 * planted bugs in the fewest runs, see `bench/strategies.ts`. The result's `strategy` says which it was, e.g.
 * `portfolio: pct(3), no latency`.
 */
export const portfolio: Strategy = {
  name: "portfolio",
  begin: (source) => {
    const { strategy, latencies } = draw(source)
    const chooser = strategy.begin(source)
    const how = { drawn: "", none: ", no latency", uneven: ", uneven latencies" }[latencies]
    return {
      name: `portfolio: ${strategy.name}${how}`,
      choose: (ready) => chooser.choose(ready),
      latencyMs: latencyOf(latencies, source),
      ready: (step) => chooser.ready?.(step),
      released: (step) => chooser.released?.(step),
      gone: (step) => chooser.gone?.(step),
    }
  },
}

const total = members.reduce((sum, { weight }) => sum + weight, 0)

function draw(source: SeededRandom): Member {
  let drawn = source.integer(0, total - 1)
  return members.find(({ weight }) => (drawn -= weight) < 0)!
}

function latencyOf(latencies: Latencies, source: SeededRandom): NonNullable<Chooser["latencyMs"]> {
  if (latencies === "drawn") return () => undefined
  if (latencies === "none") return (_, [shortest]) => shortest
  const salt = source.integer(0, 0xffff_ffff)
  return ({ label }, [shortest, longest]) => (rankOf(hashOf(label.process), salt) < 0.5 ? shortest : longest)
}
