/*
 * Makes of a failing run the smallest one that fails in the same way, and tells it.
 */
import type fc from "fast-check"
import type { Decision } from "../../sim/decision.js"
import { smaller } from "../smaller.js"
import type { AxisName } from "./axis.js"
import { differenceLines, isReordered } from "./difference.js"
import type { Effect } from "./effects.js"
import type { FuzzCase } from "./fuzz-case.js"
import { fuzzRun, type Subject } from "./fuzz-run.js"
import { storyOf } from "./fuzz-story.js"
import { hintsFor } from "./hints.js"
import type { Found, Judge, Judged } from "./hunt.js"
import { type FuzzSetup, yardstickOf } from "./setup.js"
import type { Told } from "./told.js"
import type { Counterexample } from "./verdict.js"

/** The smallest case that fails as the one that was found; undefined when that does not fail again. */
export async function smallestCase<Outside>(
  axis: AxisName,
  { seed, setup, judged }: Found,
  arbitrary: fc.Arbitrary<FuzzSetup>,
  judge: Judge<Outside>,
  goesOn: () => boolean,
): Promise<FuzzCase | undefined> {
  const kind = judged.failure!.kind
  const attempt = async (candidate: FuzzSetup, decisions: readonly Decision[]) => {
    if (isShortened(decisions, judged.run.decisions)) return undefined
    const again = await judge.judge(candidate, seed, { kind: "decided", decisions })
    return again.failure?.kind === kind ? again.run.applied : undefined
  }
  const applied = await attempt(setup.value_, judged.run.decisions)
  if (applied === undefined) return undefined
  const found = await smaller({ setup, decisions: applied }, { arbitrary, attempt, goesOn })
  return { axis, seed, setup: found.setup.value_, decisions: found.decisions }
}

/** A zombie that comes back late is understood more easily than one that comes back soon. */
const isShortened = (decisions: readonly Decision[], found: readonly Decision[]): boolean =>
  pausesOf(decisions).some((ms) => !pausesOf(found).includes(ms))

const pausesOf = (decisions: readonly Decision[]): readonly (number | undefined)[] =>
  decisions.flatMap((decision) => (decision.kind === "fault" && decision.fault === "pause" ? [decision.ms] : []))

/** Runs a case again and tells it; undefined when it does not fail. */
export async function counterexampleOf<Outside>(
  failing: FuzzCase,
  subject: Subject<Outside>,
  judge: Judge<Outside>,
): Promise<Counterexample | undefined> {
  const { axis, setup } = failing
  const [told, { failure, expected, run }] = await judgedAndTold(failing, subject, judge)
  if (failure === undefined) return undefined
  const calm: Told[] = []
  await fuzzRun(subject, yardstickOf(setup), failing.seed, { kind: "calm" }, (one) => calm.push(one))
  const differs = failure.kind === "difference"
  const seen = { axis, wanted: effectsOf(calm), made: effectsOf(told) }
  const repeats: string[] = []
  for (const name of repeatedOf(seen))
    if (differs && isOfRepetition(axis) && (await isCured(name, failing, subject, judge))) repeats.push(name)
  const hints = hintsFor({
    ...seen,
    unawaited: unawaitedOf(calm),
    threw: told.some(({ kind }) => kind === "threw"),
    failure: differs ? undefined : failure,
    reordered: differs && isReordered(expected, run.observed),
    repeats,
  })
  const difference = differs ? differenceLines(expected, run.observed) : [`✗ ${failure.message}`]
  return { story: storyOf(subject.samples, setup, told), difference, hints, repeats, case: failing }
}

async function judgedAndTold<Outside>(
  { seed, setup, decisions }: FuzzCase,
  subject: Subject<Outside>,
  judge: Judge<Outside>,
): Promise<readonly [readonly Told[], Judged]> {
  const told: Told[] = []
  const tell = (one: Told) => void told.push(one)
  const yardstick = await judge.yardstick(setup)
  if (yardstick.failure === undefined) {
    const run = await fuzzRun(subject, setup, seed, { kind: "decided", decisions }, tell)
    return [told, await judge.compared(yardstick.observed, run)]
  }
  const run = await fuzzRun(subject, yardstickOf(setup), seed, { kind: "calm" }, tell)
  return [told, { run, expected: undefined, failure: run.failure }]
}

/**
 * Whether an axis is about effects that are repeated. With two processes side by side they also come too late, over newer
 * ones, against which it does not help that they are idempotent.
 */
export const isOfRepetition = (axis: AxisName): boolean => axis !== "zombie" && axis !== "interleaved"

/** Whether the case does not fail where an operation is idempotent by its arguments: then its repetition is the cause. */
async function isCured<Outside>(
  name: string,
  { seed, setup, decisions }: FuzzCase,
  subject: Subject<Outside>,
  judge: Judge<Outside>,
): Promise<boolean> {
  const idempotent = new Set([...subject.idempotent, name])
  const { failure } = await judge.other({ ...subject, idempotent }).judge(setup, seed, { kind: "decided", decisions })
  return failure === undefined
}

/**
 * Operations that are called more often with the same arguments than in the yardstick, and answer the same each time: what
 * answers something else is asked for its answer.
 */
function repeatedOf({ made, wanted }: { readonly made: readonly Effect[]; readonly wanted: readonly Effect[] }) {
  const count = (effects: readonly Effect[], { name, args }: Effect) =>
    effects.filter((effect) => effect.name === name && effect.args === args).length
  const answersAlike = ({ name, args, answer }: Effect) =>
    made.every((other) => other.name !== name || other.args !== args || other.answer === answer)
  const repeated = made.filter(
    (effect) => count(made, effect) > Math.max(1, count(wanted, effect)) && answersAlike(effect),
  )
  return new Set(repeated.map(({ name }) => name))
}

const effectsOf = (told: readonly Told[]): readonly Effect[] =>
  told.flatMap((one) => (one.kind === "effect" ? [one.effect] : []))

/** Operations that come about when the handler has answered already. */
function unawaitedOf(told: readonly Told[]): ReadonlySet<string> {
  const names = new Set<string>()
  const calls = new Map<string, number>()
  for (const one of told) {
    const running = calls.get(one.process) ?? 0
    if (one.kind === "called") calls.set(one.process, running + 1)
    if (one.kind === "returned" || one.kind === "threw") calls.set(one.process, running - 1)
    if (one.kind === "effect" && running === 0) names.add(one.effect.name)
  }
  return names
}
