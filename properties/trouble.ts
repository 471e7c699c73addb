import type { Stage } from "./stage.js"
import type { SeededRandom } from "../sim/seeded-random.js"
import type { FaultPlan } from "../sim/world.js"

/**
 * Swarm testing: every run draws which kinds of fault are on at all and how frequent they are. A run with all of them
 * hides what shows only when one of them is alone.
 */
export function trouble({ world }: Pick<Stage, "world">, process: string, kinds: readonly Trouble[]): () => void {
  const random = world.random.fork(`trouble of ${process}`)
  const chosen = kinds.filter(() => random.chance(0.6))
  const ends = chosen.map((kind) => world.fault({ process, ...draw[kind](random) }))
  return () => {
    for (const end of ends) end()
  }
}

export type Trouble = "crash" | "lost request" | "lost reply" | "delay"

export const allTrouble: readonly Trouble[] = ["crash", "lost request", "lost reply", "delay"]

const draw: Record<Trouble, (random: SeededRandom) => FaultPlan> = {
  crash: (random) => ({
    crash: { rate: random.pick([0.005, 0.02, 0.1]), restartAfterMs: [1, 60], most: random.integer(1, 3) },
  }),
  "lost request": (random) => ({ requestLost: random.pick([0.002, 0.01, 0.04]) }),
  "lost reply": (random) => ({ replyLost: random.pick([0.002, 0.01, 0.04]) }),
  delay: (random) => ({ delay: { rate: random.pick([0.05, 0.3, 1]), ms: [0, random.pick([5, 40, 150])] } }),
}
