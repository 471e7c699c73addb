/*
 * Axis after axis is hunted, each in its share of the time that is left; then the failures are made smaller and told. What
 * held may accompany what comes later. If all failures are of effects that are called again with the same arguments, the
 * same histories are run once more with these effects taken for idempotent: what is left then, the reaction is to blame for.
 */
import type fc from "fast-check"
import type { Clock } from "../../engine/clock.js"
import { axes, type Axis, type AxisName, setupsOf } from "./axis.js"
import { counterexampleOf, isOfRepetition, smallestCase } from "./counterexample.js"
import type { Equal } from "./difference.js"
import type { FuzzCase } from "./fuzz-case.js"
import type { Subject } from "./fuzz-run.js"
import type { HistorySetup } from "./history.js"
import { type Found, hunt, type HuntResult, Judge } from "./hunt.js"
import { notOnce, type Once, onceInOrder } from "./once.js"
import type { FuzzSetup } from "./setup.js"
import type { AxisVerdict, Counterexample, FuzzVerdict } from "./verdict.js"

export interface Inquiry<Outside> {
  readonly subject: Subject<Outside>
  readonly history: fc.Arbitrary<HistorySetup>
  readonly equal: Equal
  readonly seed: number | string
  /** Those that are asked for; undefined: all. */
  readonly axes: ReadonlySet<AxisName> | undefined
  readonly clock: Clock
  readonly timeMs: number
  /** Histories of each axis, instead of a time. */
  readonly runs: number | undefined
}

/** Making all failures smaller takes about so long, and one of them no more runs; at least so many, however slow it is. */
const shrinkMs = 1_000
const shrinkRuns = 1_000
const leastShrinkRuns = 60

/** So many of each axis there are however slow the machine is: else a verdict would mean little where it is busy. */
const leastHistories = 30

/** In how many histories of each axis that failed an effect has to be innocent. */
const historiesToAcquit = 20

type GoesOn = (histories: number) => boolean

/** An axis that failed, and what its histories are drawn from. */
interface Failed {
  readonly axis: Axis
  readonly setups: fc.Arbitrary<FuzzSetup>
}

const once = { axis: "once", title: "each event once, in order" } as const
const rightResult = { axis: "result", title: "StreamResult used rightly" } as const

export class Inquest<Outside> {
  readonly #inquiry: Inquiry<Outside>
  readonly #judge: Judge<Outside>
  readonly #held = new Set<AxisName>()
  readonly #failed: Failed[] = []
  /** What earlier runs of the test found, as far as it still fails. */
  readonly #known = new Map<AxisName, Counterexample>()
  #wrongResult: Counterexample | undefined
  #answers = false
  #histories = 0
  #events = false
  #shrinkingMs = 0

  constructor(inquiry: Inquiry<Outside>) {
    this.#inquiry = inquiry
    this.#judge = new Judge(inquiry.subject, inquiry.equal, inquiry.seed)
  }

  /** @param cases Found earlier: they are run first, and an axis with one that still fails is not hunted again. */
  async verdict(cases: readonly FuzzCase[]): Promise<FuzzVerdict> {
    for (const one of cases) {
      if (!this.#isAskedFor(one.axis)) continue
      const counterexample = await this.#again(one)
      if (counterexample !== undefined) this.#known.set(one.axis, counterexample)
    }
    this.#wrongResult = this.#known.get("result")
    const { histories, counterexample } = await this.#onceInOrder()
    this.#histories += histories
    if (counterexample !== undefined) {
      const why = "there is nothing to compare with"
      const verdicts = axes.map(({ name, title }) => ({ axis: name, title, outcome: "not exercised", why }) as const)
      return this.#summed([{ ...once, outcome: "failed", histories, counterexample }, ...verdicts], [])
    }
    const verdicts = await this.#axisVerdicts()
    const ifIdempotent = await this.#ifIdempotent(verdicts)
    return this.#summed([{ ...once, outcome: "held", histories }, ...verdicts], ifIdempotent)
  }

  /** Of one case alone. */
  async verdictOf(failing: FuzzCase): Promise<FuzzVerdict> {
    const titles = [once, rightResult, ...axes.map(({ name, title }) => ({ axis: name, title }))]
    const { title = failing.axis } = titles.find(({ axis }) => axis === failing.axis) ?? {}
    const counterexample = await this.#again(failing)
    const about = { axis: failing.axis, title, histories: 1 }
    this.#events = true
    this.#histories = 1
    return this.#summed(
      [counterexample === undefined ? { ...about, outcome: "held" } : { ...about, outcome: "failed", counterexample }],
      [],
    )
  }

  #again(failing: FuzzCase): Promise<Counterexample | undefined> {
    const { subject, equal } = this.#inquiry
    if (failing.axis === "once") return notOnce(failing, subject, equal)
    return counterexampleOf(failing, subject, this.#judge)
  }

  async #onceInOrder(): Promise<Once> {
    const { subject, history, equal, seed } = this.#inquiry
    const known = this.#known.get("once")
    return known === undefined ? onceInOrder(subject, history, equal, seed) : { histories: 1, counterexample: known }
  }

  #summed(verdicts: readonly AxisVerdict[], ifIdempotent: readonly string[]): FuzzVerdict {
    const isFailed = verdicts.some(({ outcome }) => outcome === "failed")
    const unharmed = this.#events ? "idempotent" : "not exercised"
    const outcome = ifIdempotent.length > 0 ? "idempotent if" : isFailed ? "not idempotent" : unharmed
    return { outcome, ifIdempotent, axes: verdicts, histories: this.#histories, seed: this.#inquiry.seed }
  }

  async #axisVerdicts(): Promise<AxisVerdict[]> {
    const { clock, timeMs, runs } = this.#inquiry
    const until = clock.now() + timeMs
    const verdicts: AxisVerdict[] = []
    let left = axes.filter(({ name }) => this.#isAskedFor(name)).length
    for (const axis of axes) {
      if (!this.#isAskedFor(axis.name)) {
        verdicts.push({ axis: axis.name, title: axis.title, outcome: "not asked for" })
        continue
      }
      const now = clock.now()
      const share = now + Math.max(0, until - now) / left--
      const hasTime = (histories: number) => histories < leastHistories || clock.now() < share
      const goesOn = runs === undefined ? hasTime : (histories: number) => histories < runs
      verdicts.push(await this.#axisVerdict(axis, goesOn))
    }
    return [...verdicts, this.#resultVerdict()]
  }

  async #axisVerdict(axis: Axis, goesOn: GoesOn): Promise<AxisVerdict> {
    const about = { axis: axis.name, title: axis.title }
    if (axis.name === "together" && this.#failed.length > 0)
      return { ...about, outcome: "not exercised", why: "one thing alone is enough" }
    const setups = setupsOf(axis, this.#inquiry.history, this.#held)
    const known = this.#known.get(axis.name)
    if (known !== undefined) {
      this.#failed.push({ axis, setups })
      return { ...about, outcome: "failed", histories: 1, counterexample: known }
    }
    const mayBeLong = axis.name === "boundaries" || this.#held.has("boundaries")
    this.#judge.longestSpan = mayBeLong ? Infinity : 1
    const result = await hunt(axis, setups, this.#judge, this.#inquiry.seed, goesOn)
    const { found, histories } = result
    this.#histories += histories
    this.#events ||= result.calls > 0
    this.#answers ||= result.answers
    if (found === undefined) return this.#unharmed(axis, result)
    if (found.judged.failure?.kind === "result") {
      this.#wrongResult ??= await this.#counterexample("result", found, setups)
      return { ...about, outcome: "not exercised", why: "its histories end with a wrong StreamResult" }
    }
    this.#failed.push({ axis, setups })
    const counterexample = await this.#counterexample(axis.name, found, setups)
    return { ...about, outcome: "failed", histories, counterexample }
  }

  #isAskedFor(axis: AxisName): boolean {
    const { axes: asked } = this.#inquiry
    return asked === undefined || asked.has(axis) || axis === "once" || axis === "result"
  }

  #unharmed(axis: Axis, result: HuntResult): AxisVerdict {
    const { name, title } = axis
    const why = notExercised(axis, result)
    if (why !== undefined) return { axis: name, title, outcome: "not exercised", why }
    this.#held.add(name)
    return { axis: name, title, outcome: "held", histories: result.histories }
  }

  #resultVerdict(): AxisVerdict {
    const histories = this.#histories
    const counterexample = this.#wrongResult
    if (counterexample !== undefined) return { ...rightResult, outcome: "failed", histories, counterexample }
    if (!this.#answers) return { ...rightResult, outcome: "not exercised", why: "the handler never answers one" }
    return { ...rightResult, outcome: "held", histories }
  }

  async #counterexample(name: AxisName, found: Found, setups: fc.Arbitrary<FuzzSetup>): Promise<Counterexample> {
    const { subject, clock } = this.#inquiry
    const began = clock.now()
    let runs = 0
    const hasTime = () => runs <= leastShrinkRuns || this.#shrinkingMs + clock.now() - began < shrinkMs
    const goesOn = () => ++runs <= shrinkRuns && hasTime()
    const smallest = await smallestCase(name, found, setups, this.#judge, goesOn)
    this.#shrinkingMs += clock.now() - began
    const told = smallest && (await counterexampleOf(smallest, subject, this.#judge))
    if (told !== undefined) return told
    const { seed, setup, judged } = found
    return {
      story: [],
      difference: ["✗ it failed once, and not when the same history was run again: something outlives a run"],
      hints: [],
      repeats: [],
      case: { axis: name, seed, setup: setup.value_, decisions: judged.run.decisions },
    }
  }

  /** The operations to which all failures come down; none when there are others, too. */
  async #ifIdempotent(verdicts: readonly AxisVerdict[]): Promise<readonly string[]> {
    if (this.#failed.length === 0 || this.#wrongResult !== undefined) return []
    const { subject, seed } = this.#inquiry
    const found = verdicts.flatMap((verdict) =>
      verdict.outcome === "failed" && isOfRepetition(verdict.axis) ? [verdict.counterexample.repeats] : [],
    )
    if (found.some((repeats) => repeats.length === 0)) return []
    const suspects = new Set([...subject.idempotent, ...found.flat()])
    const named = [...suspects].filter((name) => !subject.idempotent.has(name)).sort()
    if (named.length === 0) return []
    const judge = this.#judge.other({ ...subject, idempotent: suspects })
    for (const { axis, setups } of this.#failed) {
      const result = await hunt(axis, setups, judge, seed, (histories) => histories < historiesToAcquit)
      if (result.found !== undefined) return []
    }
    return named
  }
}

/** Why a hunt says nothing about an axis; undefined when it does. */
function notExercised(
  { name, needsPorts }: Axis,
  { calls, ports, ownFailures, opportunities, severalStreams }: HuntResult,
): string | undefined {
  if (calls === 0) return "no event came to the handler"
  if (needsPorts && !ports) return "the reaction asked for no port, so nothing can come between its effects"
  if (name === "own failure" && !ownFailures) return "no port was given `failures` of its own"
  if (needsPorts && opportunities === 0) return "nothing was called at a port"
  if (name === "interleaved" && severalStreams === 0) return "all events are of one stream"
  return undefined
}
