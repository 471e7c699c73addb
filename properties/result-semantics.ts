import type { TraceEvent } from "../sim/trace.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"
import { type CallEnd, type CallStarted, RunningCalls } from "./running-calls.js"
import { span } from "./wording.js"

export const resultSemantics: Property = {
  id: "I-07",
  title: "Result semantics",
  statement:
    "The next call of a stream begins where the result of the last one says: at the first event of its span that is not processed, or behind the span, and never below the stream's position. After a result that does not fit its span no call starts, and the run ends with an error.",
  weakened:
    "Calls that start in the turn in which a misfit was answered may have been on their way. Events that arrive late, before a span, may be delivered first while the stream's position is unknown.",
  takes: [...RunningCalls.takes, "Quiescent"],
  monitor: () => new ResultSemantics(),
}

interface Answered {
  readonly ended: CallEnd
  readonly result: string
  /** The next call begins neither below nor above these. */
  readonly lowest: number
  readonly highest: number
}

interface Misfit {
  readonly call: number
  readonly what: string
  readonly turn: number | undefined
}

interface SinkState {
  readonly answers: Map<string, Answered>
  misfit: Misfit | undefined
}

/** Keeps the last result and the position of every stream of a live sink. */
class ResultSemantics implements Monitor {
  checked = 0
  readonly #running = new RunningCalls()
  readonly #sinks = new LiveSinks((): SinkState => ({ answers: new Map(), misfit: undefined }))

  observe(event: TraceEvent): string | undefined {
    // Before the sink is forgotten with its last run.
    const illEnd = event.kind === "RunEnded" ? this.#ended(event) : undefined
    this.#sinks.observe(event)
    const ended = this.#running.observe(event)
    switch (event.kind) {
      case "CallReturned":
        return ended === undefined ? undefined : this.#returned(ended, event)
      case "CallStarted":
        return this.#started(event, event.turn)
      case "Quiescent":
        return this.#atRest()
      default:
        return illEnd
    }
  }

  #returned(ended: CallEnd, { result, next, turn }: Extract<TraceEvent, { kind: "CallReturned" }>): string | undefined {
    const sink = this.#sinks.get(ended.sink)
    if (sink === undefined) return undefined
    const { call, stream, first, end } = ended
    const due = nextOf(result, first, end)
    if (due === undefined) {
      const what = `call #${call} with ${span(stream, first, end - first)} answered ${result}, which does not fit`
      sink.misfit ??= { call, what, turn }
      return undefined
    }
    if (due !== next && !Number.isNaN(next)) {
      this.checked++
      return `${ended.sink}: call #${call} of ${stream} answered ${result}, so the next index is ${due}, and not ${next}`
    }
    const before = sink.answers.get(stream)?.lowest ?? 0
    const moves = next > first || ended.override
    const lowest = Math.max(before, moves ? next : 0)
    const resumed = Math.max(lowest, first)
    sink.answers.set(stream, { ended, result, lowest, highest: resumed < end ? resumed : Infinity })
    return undefined
  }

  #started({ sink: name, call, stream, first, count }: CallStarted, turn: number | undefined): string | undefined {
    const sink = this.#sinks.get(name)
    if (sink === undefined) return undefined
    const what = `${name}: call #${call} with ${span(stream, first, count)} starts`
    const { misfit } = sink
    if (misfit !== undefined && (turn === undefined || turn !== misfit.turn)) return `${what} though ${misfit.what}`
    const last = sink.answers.get(stream)
    if (last === undefined) return undefined
    this.checked++
    if (first >= last.lowest && first <= last.highest) return undefined
    const { ended, result, lowest, highest } = last
    const due = highest === Infinity ? `${lowest} or later` : highest
    return `${what}, but call #${ended.call} with ${span(stream, ended.first, ended.end - ended.first)} answered ${result}: the next index is ${due}`
  }

  #ended({ run, outcome }: Extract<TraceEvent, { kind: "RunEnded" }>): string | undefined {
    const misfit = this.#sinks.ofRun(run)?.misfit
    if (misfit === undefined) return undefined
    this.checked++
    return outcome === "error" ? undefined : `${run}: ends without an error though ${misfit.what}`
  }

  #atRest(): string | undefined {
    for (const [name, { misfit }] of this.#sinks.entries())
      if (misfit !== undefined) return `${name}: has not ended at rest though ${misfit.what}`
    return undefined
  }
}

/** What the next index is after a result, given the span of its call; undefined when it does not fit. */
function nextOf(result: string, first: number, end: number): number | undefined {
  if (result === "AllProcessed") return end
  if (result === "NoneProcessed") return first
  const [, kind, given = ""] = /^(\w+)\((.*)\)$/.exec(result) ?? []
  const n = given === "" ? NaN : Number(given)
  if (!Number.isSafeInteger(n) || n < 0) return undefined
  if (kind === "OverrideNextIndex") return n
  return kind === "PartiallyProcessed" && n <= end - first ? first + n : undefined
}
