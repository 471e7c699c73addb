/*
 * What a counterexample says about its cause, in the field's terms, and what is usually done about it. Hints come from what
 * was seen: the axis, and which effects came about more or less often than in the yardstick, with which arguments.
 */
import type { AxisName } from "./axis.js"
import type { Effect } from "./effects.js"
import type { RunFailure } from "./fuzz-run.js"

/** What a run did to the world, beside what the yardstick did with the same events. */
export interface Seen {
  readonly axis: AxisName
  readonly failure: RunFailure | undefined
  /** Whether the two ends differ in the order of elements alone. */
  readonly reordered: boolean
  /** Operations of which nobody awaits the end. */
  readonly unawaited: ReadonlySet<string>
  /** Whether the handler threw. */
  readonly threw: boolean
  readonly wanted: readonly Effect[]
  readonly made: readonly Effect[]
  /** Operations without whose repetition it would not have failed. */
  readonly repeats: readonly string[]
}

export function hintsFor(seen: Seen): string[] {
  if (seen.failure?.kind === "result") return [resultHint]
  if (seen.failure?.kind === "end") return [endHint]
  const own = byAxis[seen.axis]
  const ofEffects = effectHints(seen)
  return [
    ...(seen.reordered ? [reorderedHint] : []),
    ...(ofEffects.length > 0 ? ofEffects : lastHints(seen)),
    ...(own === undefined ? [] : [own]),
  ]
}

/** Where effects say nothing more: that what was done last was done before, whatever it answered then. */
function lastHints({ axis, wanted, made }: Seen): string[] {
  const last = made.at(-1)
  if (last === undefined || besides.has(axis)) return []
  if (countOf(ofName(made, last), last.args) <= countOf(ofName(wanted, last), last.args)) return []
  return [`${last.name} ${onceMoreHint}`]
}

/** Where calls come that are no repetition: others, or those of another process. */
const besides: ReadonlySet<AxisName> = new Set(["boundaries", "interleaved", "zombie"])

const ofName = (effects: readonly Effect[], { name }: Effect) => effects.filter((effect) => effect.name === name)

const resultHint =
  "Answer how far this call came in this stream: nothing or AllProcessed for all of its span, PartiallyProcessed(n) for " +
  "its first n events, OverrideNextIndex(version) with the version of this stream alone."
const endHint =
  "An event that comes again has to lead to an end: what is there already is not an error, and what was handled counts as progress."
const reorderedHint =
  "The two differ in their order alone. If it does not matter, sort in observe(); if it does, it has to come from the events."

const byAxis: { readonly [A in AxisName]?: string } = {
  boundaries:
    "How events are cut into calls is nobody's promise: handle each event of the span by its own index, and take no " +
    "count of calls or of events in a call for a position.",
  interleaved:
    "Order is promised inside a stream only, and calls of two streams run side by side: what they share has to be " +
    "written under the condition that it is as it was read (a version, or one transaction), and may not depend on who comes first.",
  rewound:
    "Old events come again after newer ones: record the version with the row that it leads to, and write only what is newer " +
    "(an upsert with a version guard).",
  zombie:
    "Two instances run for a while, and the older one writes last: guard the write itself by the version of the event " +
    "(where version < $n, a conditional write); a check that comes before it is out of date.",
}

/** Which effects came about too often or not at all. */
function effectHints({ axis, threw, unawaited, wanted, made, repeats }: Seen): string[] {
  if (repeats.length > 0) return repeats.map((name) => `${name} ${againHint} idempotent: ["${name}"].`)
  // Other calls have other arguments, and no event comes again.
  if (axis === "boundaries" || axis === "interleaved") return []
  const names = [...new Set([...wanted, ...made].map(({ name }) => name))]
  return names.flatMap((name) => {
    const own = wanted.filter((effect) => effect.name === name)
    const seen = made.filter((effect) => effect.name === name)
    const other = seen.some(({ args }) => countOf(own, args) === 0)
    const missing = own.some(({ args }) => countOf(seen, args) === 0)
    if (other && seen.length > own.length && isKeyed(own)) return [`${name} ${otherHint}`]
    if (missing && seen.length < own.length)
      return [`${name} ${unawaited.has(name) ? unawaitedHint : missingHint(axis, threw)}`]
    return []
  })
}

const countOf = (effects: readonly Effect[], args: string) => effects.filter((effect) => effect.args === args).length

/** Whether no two calls have the same arguments. */
const isKeyed = (effects: readonly Effect[]) => new Set(effects.map(({ args }) => args)).size === effects.length

const againHint =
  "is called again with the same arguments. Give it an idempotency key made of the stream and the event's index, or record " +
  "the version in the same transaction as the effect. If it is idempotent by its arguments, say so:"
const onceMoreHint =
  "is called again for the same event. Give it an idempotency key made of the stream and the event's index, or record the " +
  "version in the same transaction as the effect. What the process keeps in memory is gone when it dies."
const otherHint =
  "is called again for the same event with other arguments. If they hold a key, it must not come from time, chance or a " +
  "count: make it of the stream and the event's index. Else let a decider look first at what is there."
const unawaitedHint =
  "is not awaited: the handler answers before it has come about, and nobody hears when it fails. Await it (several of them " +
  "with Promise.all), and the events come again."
const missingHint = (axis: AxisName, threw: boolean): string =>
  (axis === "request lost" || axis === "own failure") && !threw
    ? "does not come about when it fails once: its error is swallowed, or the answer counts it as done. Let it throw, and " +
      "the events come again."
    : "does not come about any more: a marker that says it is done was stored first. Store marker and effect in one " +
      "transaction, or the effect first and under a key."
