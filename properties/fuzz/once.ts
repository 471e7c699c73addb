/*
 * Whether the yardstick is one: each event once, in order, has to come to an end, and to the same end each time. If the same
 * run comes to another one, something outlived it; if one at another time and with other chance does, what is observed
 * depends on these. Either way no other history could be compared with it.
 */
import { isDeepStrictEqual } from "node:util"
import type fc from "fast-check"
import { drawn } from "../drawn.js"
import { seedOfRun } from "../seeds.js"
import { differenceLines, type Equal } from "./difference.js"
import type { FuzzCase } from "./fuzz-case.js"
import { type FuzzRun, fuzzRun, type Subject } from "./fuzz-run.js"
import { storyOf } from "./fuzz-story.js"
import { type HistorySetup } from "./history.js"
import { type FuzzSetup, yardstickOf } from "./setup.js"
import type { Told } from "./told.js"
import type { Counterexample } from "./verdict.js"

const histories = 8

export interface Once {
  readonly histories: number
  readonly counterexample: Counterexample | undefined
}

/** Looks at some histories, short ones first. */
export async function onceInOrder<Outside>(
  subject: Subject<Outside>,
  history: fc.Arbitrary<HistorySetup>,
  equal: Equal,
  seed: number | string,
): Promise<Once> {
  const setups = Array.from({ length: histories }, (_, n) =>
    yardstickOf(drawn(history, seedOfRun(`${seed} once`, n)).value),
  )
  const length = (setup: FuzzSetup) => JSON.stringify(setup).length
  for (const [n, setup] of setups.sort((a, b) => length(a) - length(b)).entries()) {
    const counterexample = await notOnce({ axis: "once", seed, setup, decisions: [] }, subject, equal)
    if (counterexample !== undefined) return { histories: n + 1, counterexample }
  }
  return { histories, counterexample: undefined }
}

/** What is wrong with the yardstick of one history. */
export async function notOnce<Outside>(
  failing: FuzzCase,
  subject: Subject<Outside>,
  equal: Equal,
): Promise<Counterexample | undefined> {
  const { setup, seed } = failing
  const told: Told[] = []
  const run = (own: number | string, tell?: (one: Told) => void) => fuzzRun(subject, setup, own, { kind: "calm" }, tell)
  const first = await run(seed, (one) => void told.push(one))
  if (first.unbuilt !== undefined) throw first.unbuilt
  const found = (difference: readonly string[], hint: string): Counterexample => ({
    story: storyOf(subject.samples, setup, told),
    difference,
    hints: [hint],
    repeats: [],
    case: failing,
  })
  // A wrong result is for another axis to tell.
  if (first.failure?.kind === "result") return undefined
  if (first.failure !== undefined) return found([`✗ ${first.failure.message}`], failingHint)
  const differs = async (other: FuzzRun) =>
    other.failure !== undefined || !(await equal(first.observed, other.observed)) ? other : undefined
  const toldAgain: Told[] = []
  const again = await differs(await run(seed, (one) => void toldAgain.push(one)))
  if (again !== undefined) return found(differenceLines(first.observed, again.observed), stateHint)
  // The end may be the same by luck; what was done shows better whether the second run began from nothing.
  const [calls, callsAgain] = [callsOf(told), callsOf(toldAgain)]
  if (!isDeepStrictEqual(calls, callsAgain)) return found(differenceLines(calls, callsAgain), stateHint)
  const elsewhere = await differs(await run(`${seed} elsewhere`))
  if (elsewhere !== undefined) return found(differenceLines(first.observed, elsewhere.observed), chanceHint)
  return undefined
}

const callsOf = (told: readonly Told[]): readonly string[] =>
  told.flatMap((one) => (one.kind === "effect" ? [`${one.effect.name}(${one.effect.args})`] : []))

const failingHint =
  "That is without any trouble: either these events are none that it can get, or it does not know what to do with them."
const stateHint =
  "The same events, once each, led to something else the second time, so something outlived the run. If it is a variable of a " +
  "module: in production a restart loses it, so what it knows has to be stored with the effect; what is only a cache, make in " +
  "reaction(), or load the module anew (`fresh`). If it is the test's world: make it anew in outside()."
const chanceHint =
  "The same events, once each, came to another end at another time. If a key is made of time or chance, it is another one when the " +
  "event comes again: make it of the stream and the event's index. If it is harmless, leave it out of observe()."
