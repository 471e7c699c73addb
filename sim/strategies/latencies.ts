import { InvalidOptionError } from "../../engine/options.js"
import type { SeededRandom } from "../seeded-random.js"
import type { Chooser, Strategy } from "../strategy.js"
import { hashOf, rankOf } from "./rank.js"

/**
 * How long requests and replies are under way, within `latencyMs`:
 *
 * - `drawn`: each by itself;
 * - `none`: no longer than it must, so that what is under way is ready together and the strategy alone says who waits;
 * - `uneven`: always the shortest time for some incarnations of processes, always the longest for the others.
 */
export type Latencies = "drawn" | "none" | "uneven"

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

const suffixes = { drawn: "", none: ", no latency", uneven: ", uneven latencies" }

function latencyOf(latencies: Latencies, random: SeededRandom): NonNullable<Chooser["latencyMs"]> {
  if (latencies === "drawn") return () => undefined
  if (latencies === "none") return (_, [shortest]) => shortest
  const salt = random.integer(0, 0xffff_ffff)
  return ({ label }, [shortest, longest]) => (rankOf(hashOf(label.process), salt) < 0.5 ? shortest : longest)
}
