/*
 * Looks for a history in which a reaction fails by one axis. A history is drawn; in a sweep the fault of the axis strikes at
 * every opportunity that there is in it, one at a time, so that within a history nothing is left to chance.
 *
 * Invariants: histories come in the same order for the same seed, however long is looked; each run is compared with the
 * yardstick of its own history, which is run once for all runs of it that are near one another.
 */
import type fc from "fast-check"
import { drawn } from "../drawn.js"
import { seedOfRun } from "../seeds.js"
import type { Axis } from "./axis.js"
import type { Equal } from "./difference.js"
import { type Course, type FuzzRun, fuzzRun, type RunFailure, type Subject } from "./fuzz-run.js"
import { type FeedItem, feedOf } from "./history.js"
import { type FuzzSetup, yardstickOf } from "./setup.js"

/** What a run came to, beside the yardstick of its history. */
export interface Judged {
  readonly run: FuzzRun
  readonly expected: unknown
  readonly failure: RunFailure | { readonly kind: "difference" } | undefined
}

export interface Found {
  readonly seed: number | string
  readonly setup: fc.Value<FuzzSetup>
  readonly judged: Judged
}

export interface HuntResult {
  readonly histories: number
  readonly found: Found | undefined
  /** How many opportunities for trouble there were. */
  readonly opportunities: number
  /** In how many histories there was more than one stream. */
  readonly severalStreams: number
  readonly calls: number
  readonly ports: boolean
  readonly ownFailures: boolean
  readonly answers: boolean
}

export class Judge<Outside> {
  readonly #other: Judge<Outside> | undefined
  readonly #subject: Subject<Outside>
  readonly #equal: Equal
  readonly #seed: number | string
  /**
   * Where other batch boundaries alone do harm, only runs whose calls have one event each say something about other axes:
   * the rest counts as the same.
   */
  longestSpan = Infinity
  /** Of the histories that came last, by what makes them: short ones are drawn often, and made smaller they are few. */
  readonly #yardsticks = new Map<string, FuzzRun>()

  /** @param other Whose yardsticks have to be the same; else no run can be judged, and each counts as different. */
  constructor(subject: Subject<Outside>, equal: Equal, seed: number | string, other?: Judge<Outside>) {
    this.#other = other
    this.#subject = subject
    this.#equal = equal
    this.#seed = seed
  }

  /** A judge of the same reaction in other conditions, under which the yardsticks have to be the same. */
  other(subject: Subject<Outside>): Judge<Outside> {
    const judge = new Judge(subject, this.#equal, this.#seed, this)
    judge.longestSpan = this.longestSpan
    return judge
  }

  async judge(setup: FuzzSetup, seed: number | string, course: Course): Promise<Judged> {
    const yardstick = await this.yardstick(setup)
    if (yardstick.failure !== undefined) return { run: yardstick, expected: undefined, failure: yardstick.failure }
    const expected = this.#other === undefined ? yardstick.observed : (await this.#other.yardstick(setup)).observed
    if (this.#other !== undefined && !(await this.#equal(expected, yardstick.observed)))
      return { run: yardstick, expected, failure: { kind: "difference" } }
    return this.compared(expected, await fuzzRun(this.#subject, setup, seed, course))
  }

  async compared(expected: unknown, run: FuzzRun): Promise<Judged> {
    if (run.longestSpan > this.longestSpan) return { run, expected, failure: undefined }
    if (run.failure !== undefined) return { run, expected, failure: run.failure }
    const same = await this.#equal(expected, run.observed)
    return { run, expected, failure: same ? undefined : { kind: "difference" } }
  }

  async yardstick(setup: FuzzSetup): Promise<FuzzRun> {
    const history = historyText(feedOf(this.#subject.samples, setup))
    const known = this.#yardsticks.get(history)
    if (known !== undefined) return known
    const run = await fuzzRun(this.#subject, yardstickOf(setup), this.#seed, { kind: "calm" })
    if (this.#yardsticks.size === mostYardsticks) this.#yardsticks.delete(this.#yardsticks.keys().next().value!)
    this.#yardsticks.set(history, run)
    return run
  }
}

/** The same for histories that are the same, however they were drawn. */
const historyText = (feed: readonly FeedItem[]): string =>
  JSON.stringify(feed.map(([stream, { type, data, meta }]) => [stream, type, data, meta]))

/** @param goesOn Asked with the number of histories so far; not before the first one. */
export async function hunt<Outside>(
  axis: Axis,
  setups: fc.Arbitrary<FuzzSetup>,
  judge: Judge<Outside>,
  seed: number | string,
  goesOn: (histories: number) => boolean,
): Promise<HuntResult> {
  const sum = {
    histories: 0,
    opportunities: 0,
    severalStreams: 0,
    calls: 0,
    ports: false,
    ownFailures: false,
    answers: false,
  }
  const note = ({ run }: Judged) => {
    sum.histories++
    sum.calls += run.calls
    if (run.ports.size > 0) sum.ports = true
    if (run.ownFailures) sum.ownFailures = true
    if (run.answers) sum.answers = true
  }
  for (let n = 0; n === 0 || goesOn(sum.histories); n++) {
    const own = seedOfRun(`${seed} ${axis.name}`, n)
    const setup = drawn(setups, own)
    if (setup.value_.streams.length > 1) sum.severalStreams++
    let most = 0
    for (let nth = 0; nth === 0 || (nth <= most && goesOn(sum.histories)); nth++) {
      const judged = await judge.judge(setup.value_, own, courseOf(axis, nth))
      note(judged)
      if (judged.failure !== undefined) return { ...sum, found: { seed: own, setup, judged } }
      if (nth > 0 || axis.course !== "sweep") continue
      most = judged.run.opportunities
      sum.opportunities += most
    }
    // An axis that its trouble cannot reach needs no second thousand of histories to say so.
    if (axis.course === "sweep" && sum.opportunities === 0 && n >= fruitless) break
    if (axis.name === "own failure" && sum.calls > 0 && !sum.ownFailures) break
  }
  return { ...sum, found: undefined }
}

const fruitless = 50

const mostYardsticks = 100

const courseOf = ({ course }: Axis, nth: number): Course => {
  if (course === "drawn") return { kind: "drawn" }
  return course === "calm" || nth === 0 ? { kind: "calm" } : { kind: "strike", nth }
}
