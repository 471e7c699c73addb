import { simulatedRun } from "../../properties/simulated-run.js"
import type { Prey } from "../../scenarios/gallery/hunt.js"
import {
  delayBounded,
  fifo,
  pct,
  portfolio,
  random,
  skewed,
  StepCount,
  type Strategy,
  uniformWalk,
  withLatencies,
} from "../../sim/index.js"

/** Of one hunt. */
export const mostRuns = 1_000

/** Of one hunt, in milliseconds: a strategy that lets a bug run on and on would take hours. */
export const mostMs = 60_000

/** By the name that they have in the gallery. For the walk the steps of the bug's own runs are counted first. */
export const strategies: Readonly<Record<string, (prey: Prey) => Strategy | Promise<Strategy>>> = {
  portfolio: () => portfolio,
  random: () => random,
  pct: () => withLatencies(pct(3), "none"),
  skewed: () => withLatencies(skewed(), "none"),
  "uniform walk": async (prey) => withLatencies(uniformWalk(await expectedSteps(prey)), "none"),
  "delay-bounded": () => withLatencies(delayBounded(5), "none"),
  fifo: () => fifo,
}

/** Of a few runs together, since every seed has another history. */
async function expectedSteps({ property: _, ...prey }: Prey) {
  const count = new StepCount()
  for (let seed = 0; seed < 10; seed++) await simulatedRun({ ...prey, seed }, { strategy: count })
  return count.steps
}
