import fc from "fast-check"
import type { Stage } from "./stage.js"
import type { FaultPlan } from "../sim/world.js"

export type TroubleKind = "crash" | "lost request" | "lost reply" | "delay"

const allTrouble: readonly TroubleKind[] = ["crash", "lost request", "lost reply", "delay"]

/** What may go wrong with a process, whichever it is: plain JSON. */
export type Trouble = readonly Omit<FaultPlan, "process">[]

/**
 * Swarm testing (Groce et al., ISSTA 2012): every run draws which kinds of fault are on at all and how frequent they
 * are. A run with all of them hides what shows only when one of them is alone. Shrinks to no trouble.
 */
export const trouble = (kinds: readonly TroubleKind[] = allTrouble): fc.Arbitrary<Trouble> =>
  fc
    .tuple(...kinds.map((kind) => fc.option(plans[kind], { nil: undefined, freq: 2 })))
    .map((drawn) => drawn.filter((plan) => plan !== undefined))

const delays = fc.record({
  rate: fc.constantFrom(0.05, 0.3, 1),
  ms: fc.constantFrom(5, 40, 150).map((most) => [0, most] as const),
})
const crashes = fc.record({
  rate: fc.constantFrom(0.005, 0.02, 0.1),
  restartAfterMs: fc.constant([1, 60] as const),
  most: fc.integer({ min: 1, max: 3 }),
})

const plans: Record<TroubleKind, fc.Arbitrary<Omit<FaultPlan, "process">>> = {
  crash: fc.record({ crash: crashes }),
  "lost request": fc.record({ requestLost: fc.constantFrom(0.002, 0.01, 0.04) }),
  "lost reply": fc.record({ replyLost: fc.constantFrom(0.002, 0.01, 0.04) }),
  delay: fc.record({ delay: delays }),
}

/** Puts trouble in force for a process. Answers how to end it. */
export function troubling({ world }: Pick<Stage, "world">, process: string, drawn: Trouble): () => void {
  const ends = drawn.map((plan) => world.fault({ ...plan, process }))
  return () => {
    for (const end of ends) end()
  }
}
