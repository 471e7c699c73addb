/*
 * What a reaction may be sensitive to, one thing at a time. Each axis is hunted on its own, so that a failure is put down
 * to what caused it: everything else is as in the yardstick, but for the cuts between batches, which may lie anywhere once
 * it is known that they alone do no harm. The last axis has it all at once.
 */
import fc from "fast-check"
import type { HistorySetup } from "./history.js"
import { callFaults, type FuzzSetup, type FuzzTrouble } from "./setup.js"

/** `once` and `result` are judged whatever else is; the others can be asked for. */
export type AxisName =
  | "once"
  | "boundaries"
  | "interleaved"
  | "redelivery"
  | "rewound"
  | "crash"
  | "request lost"
  | "reply lost"
  | "own failure"
  | "zombie"
  | "result"
  | "together"

/** How the runs of an axis go: by default; with its fault at each opportunity, one at a time; or by chance. */
export type AxisCourse = "calm" | "sweep" | "drawn"

export interface Axis {
  readonly name: AxisName
  readonly title: string
  readonly course: AxisCourse
  /** Whether its trouble strikes at ports, so that a reaction without any cannot be tried. */
  readonly needsPorts: boolean
  /** What its setup has besides a history, and pages as in the yardstick. */
  readonly varies: { readonly [K in Exclude<keyof FuzzSetup, keyof HistorySetup>]?: fc.Arbitrary<FuzzSetup[K]> }
}

/** How pages are cut where they may be. */
const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4, size: "max" })

const order = fc.array(fc.nat(3), { maxLength: 12, size: "max" })
const always = (...trouble: FuzzTrouble): fc.Arbitrary<FuzzTrouble> => fc.constant(trouble)

/** Rates are for chance; in a sweep every opportunity is taken, one at a time. */
const crash = (rate: number): FuzzTrouble[number] => ({ crash: { rate, restartAfterMs: [1, 15], most: 2 } })
const pause = (rate: number): FuzzTrouble[number] => ({ pause: { rate, ms: [50, 1_000], most: 1 } })

const rate = fc.constantFrom(0.05, 0.2, 0.5)

/** Some of it at a time: a run with all of it hides what shows only when one is alone. */
const allTrouble: fc.Arbitrary<FuzzTrouble> = fc
  .tuple(
    fc.option(rate.map(crash)),
    fc.option(rate.map((requestLost) => ({ requestLost }))),
    fc.option(rate.map((replyLost) => ({ replyLost }))),
    fc.option(rate.map((ownFailure) => ({ ownFailure }))),
    fc.option(rate.map(pause)),
    fc.option(rate.map((often) => ({ failures: { [callFaults.redelivered]: often / 2 } }))),
    fc.option(rate.map((often) => ({ failures: { [callFaults.rewound]: often / 4 } }))),
  )
  .map((drawn) => drawn.filter((plan) => plan !== null))

export const axes: readonly Axis[] = [
  { name: "boundaries", title: "other batch boundaries", course: "calm", needsPorts: false, varies: { pages: cuts } },
  {
    name: "interleaved",
    title: "streams interleaved",
    course: "drawn",
    needsPorts: false,
    varies: { otherOrder: order, atOnce: fc.integer({ min: 1, max: 4 }), latencyMs: fc.constantFrom(0, 3) },
  },
  {
    name: "redelivery",
    title: "redelivery of a span",
    course: "sweep",
    needsPorts: false,
    varies: { trouble: always({ failures: { [callFaults.redelivered]: 1 } }) },
  },
  {
    name: "rewound",
    title: "restart from an older checkpoint",
    course: "sweep",
    needsPorts: false,
    varies: { trouble: always({ failures: { [callFaults.rewound]: 1 } }), back: fc.integer({ min: 1, max: 8 }) },
  },
  {
    name: "crash",
    title: "crash before, between and after effects",
    course: "sweep",
    needsPorts: true,
    varies: { trouble: always(crash(1)) },
  },
  {
    name: "request lost",
    title: "an effect fails",
    course: "sweep",
    needsPorts: true,
    varies: { trouble: always({ requestLost: 1 }) },
  },
  {
    name: "reply lost",
    title: "the reply of an effect is lost",
    course: "sweep",
    needsPorts: true,
    varies: { trouble: always({ replyLost: 1 }) },
  },
  {
    name: "own failure",
    title: "a failure of the port's own",
    course: "sweep",
    needsPorts: true,
    varies: { trouble: always({ ownFailure: 1 }) },
  },
  {
    name: "zombie",
    title: "a zombie consumer",
    course: "sweep",
    needsPorts: true,
    varies: { trouble: always(pause(1)) },
  },
  {
    name: "together",
    title: "all of it together",
    course: "drawn",
    needsPorts: false,
    varies: {
      otherOrder: order,
      atOnce: fc.integer({ min: 1, max: 4 }),
      latencyMs: fc.constantFrom(0, 3),
      back: fc.integer({ min: 1, max: 8 }),
      trouble: allTrouble,
    },
  },
]

/** The axes that can be asked for, by their names. */
export const axisNames: readonly string[] = axes.map(({ name }) => name)

/** The setups of an axis. @param allowed Whether other axes that held may accompany it. */
export function setupsOf(
  axis: Axis,
  history: fc.Arbitrary<HistorySetup>,
  allowed: ReadonlySet<AxisName>,
): fc.Arbitrary<FuzzSetup> {
  const pages = allowed.has("boundaries") ? fc.oneof(fc.constant([]), cuts) : fc.constant([])
  const calm = {
    otherOrder: fc.constant(null),
    pages,
    atOnce: fc.constant(1),
    back: fc.constant(1),
    latencyMs: fc.constant(0),
    trouble: fc.constant([]),
  }
  return fc
    .record({ ...calm, ...axis.varies, history })
    .map(({ history: { streams, order: own }, ...rest }) => ({ streams, order: own, ...rest }))
}
