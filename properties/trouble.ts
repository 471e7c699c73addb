import fc from "fast-check"
import type { Stage } from "./stage.js"
import type { FaultPlan } from "../sim/world.js"

export type TroubleKind = keyof typeof plans

/** What may go wrong with a process, whichever it is: plain JSON. */
export type Trouble = readonly Omit<FaultPlan, "process">[]

/**
 * Swarm testing (Groce et al., ISSTA 2012): every run draws which kinds of fault are on at all and how frequent they
 * are. A run with all of them hides what shows only when one of them is alone. Shrinks to no trouble.
 */
export const trouble = (kinds: readonly TroubleKind[] = allTrouble): fc.Arbitrary<Trouble> =>
  fc
    .tuple(
      ...kinds.map((kind) => fc.option<Plan, undefined>(plans[kind], { nil: undefined, freq: frequencyOf(kinds) })),
    )
    .map((drawn) => drawn.filter((plan) => plan !== undefined))

type Plan = Omit<FaultPlan, "process">

const rate = fc.constantFrom(0.002, 0.01, 0.04)
const most = fc.integer({ min: 1, max: 3 })
const upTo = (...ms: number[]) => fc.constantFrom(...ms).map((longest) => [0, longest] as const)

/** Some of these, each with a rate of its own. */
const someOf = (...names: readonly string[]) => {
  const each = Object.fromEntries(names.map((name) => [name, rate]))
  // Keys that are left out are left out, not undefined.
  return fc.record(each, { requiredKeys: [] }) as fc.Arbitrary<Readonly<Record<string, number>>>
}

const plans = {
  crash: fc.record({
    crash: fc.record({
      rate: fc.constantFrom(0.005, 0.02, 0.1),
      restartAfterMs: fc.constant([1, 60] as const),
      most,
    }),
  }),
  "lost request": fc.record({ requestLost: rate }),
  "lost reply": fc.record({ replyLost: rate }),
  delay: fc.record({ delay: fc.record({ rate: fc.constantFrom(0.05, 0.3, 1), ms: upTo(5, 40, 150) }) }),
  /** Longer than others need to take over. */
  pause: fc.record({
    pause: fc.record({ rate: fc.constantFrom(0.002, 0.01, 0.05), ms: upTo(20, 100, 400), most: fc.constant(2) }),
  }),
  clock: fc.record({
    clockSkew: fc.constantFrom(5, 100, 60_000).map((ms) => [-ms, ms] as const),
    clockJump: fc.record({
      rate: fc.constantFrom(0.002, 0.02),
      ms: fc.constantFrom(10, 200, 86_400_000).map((ms) => [-ms, ms] as const),
      most,
    }),
  }),
  repeat: fc.record({ repeat: fc.record({ rate: fc.constantFrom(0.01, 0.1), ms: upTo(5, 50, 300) }) }),
  /** Of whichever store it is: what the other one does never happens. */
  store: fc.record({
    failures: someOf(
      ...["deadlock", "rolledBack", "statementTimeout", "poolExhausted", "connectionLost"],
      ...["throttled", "transactionConflict", "internalError"],
    ),
  }),
  /** Its position is lost on the way, comes late, after newer ones, or twice. */
  checkpoint: fc.record({
    operations: fc.constant(["commitCheckpoint"]),
    requestLost: fc.constantFrom(0.1, 0.5),
    replyLost: fc.constantFrom(0.1, 0.5),
    delay: fc.record({ rate: fc.constantFrom(0.3, 1), ms: upTo(20, 200) }),
    repeat: fc.record({ rate: fc.constantFrom(0.3, 1), ms: upTo(50, 500) }),
  }),
  handler: fc.record({
    port: fc.constant("handler"),
    failures: someOf("throwsBefore", "throwsAfter"),
    delay: fc.record({ rate: fc.constantFrom(0.05, 0.5), ms: upTo(10, 100) }),
  }),
  feed: fc.record({
    port: fc.constant("feed"),
    failures: fc.record({ duplicates: fc.constantFrom(0.1, 0.5), reordersStreams: fc.constantFrom(0.2, 1) }),
  }),
} satisfies Record<string, fc.Arbitrary<Plan>>

const allTrouble = Object.keys(plans) as TroubleKind[]

/** About three kinds are on at a time, of however many. */
const frequencyOf = (kinds: readonly TroubleKind[]): number => Math.max(2, Math.round(kinds.length / 2.5) - 1)

/** Puts trouble in force for a process. Answers how to end it. */
export function troubling({ world }: Pick<Stage, "world">, process: string, drawn: Trouble): () => void {
  const ends = drawn.map((plan) => world.fault({ ...plan, process }))
  return () => {
    for (const end of ends) end()
  }
}
