import { InvalidOptionError } from "../../engine/options.js"
import type { SeededRandom } from "../seeded-random.js"
import type { Chooser, Strategy } from "../strategy.js"
import { hashOf, rankOf } from "./rank.js"

/**
 * How long requests and replies are under way, within `latencyMs`:
 *
 * - `drawn`: each by itself;
 * - `none`: no longer than it must, so that what is under way is ready together and the strategy alone says who waits;
 * - `uneven`: always the shortest time for some incarnations of processes, always the longest for the others;
 * - `held`: the shortest, but for at most eight of a run that an adversary holds back, longer than the range allows: from
 *   milliseconds to two seconds, so that timers fire and others give up meanwhile.
 */
export type Latencies = "drawn" | "none" | "uneven" | "held"

/**
 * The same strategy with other latencies than drawn ones. What a strategy promises of orders it promises for steps that
 * are ready together; with `none`, that is all that is under way.
 *
 * @throws InvalidOptionError
 */
export function withLatencies(strategy: Strategy, latencies: Latencies): Strategy {
  if (!Object.hasOwn(suffixes, latencies))
    throw new InvalidOptionError("withLatencies", "latencies", latencies, Object.keys(suffixes).join(", "))
  return {
    name: strategy.name + suffixes[latencies],
    begin: (random) => {
      const chooser = strategy.begin(random)
      return {
        ...(chooser.name !== undefined && { name: chooser.name + suffixes[latencies] }),
        choose: (ready) => chooser.choose(ready),
        latencyMs: latencyOf(latencies, random),
        ready: (step) => chooser.ready?.(step),
        released: (step) => chooser.released?.(step),
        gone: (step) => chooser.gone?.(step),
      }
    },
  }
}

const suffixes = { drawn: "", none: ", no latency", uneven: ", uneven latencies", held: ", held back" }

function latencyOf(latencies: Latencies, random: SeededRandom): NonNullable<Chooser["latencyMs"]> {
  if (latencies === "drawn") return () => undefined
  if (latencies === "none") return (_, [shortest]) => shortest
  if (latencies === "held") return adversary(random)
  const salt = random.integer(0, 0xffff_ffff)
  return ({ label }, [shortest, longest]) => (rankOf(hashOf(label.process), salt) < 0.5 ? shortest : longest)
}

const mostHeld = 8
const longestHeldMs = 2_000

/** Short runs have few requests, long ones many: how likely each is to be held is drawn for the run. */
function adversary(random: SeededRandom): NonNullable<Chooser["latencyMs"]> {
  const rate = random.pick([0.2, 0.05, 0.01, 0.002])
  let left = mostHeld
  return (_, [shortest]) => {
    if (left === 0 || !random.chance(rate)) return shortest
    left--
    // As often 10 to 20 ms as 1 to 2 s: nobody knows what the timers of the deployment are.
    return shortest + Math.round(longestHeldMs ** random.next())
  }
}
