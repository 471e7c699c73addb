import type { TraceEvent } from "../sim/trace.js"
import type { Monitor, Property } from "./monitor.js"
import { isDueBefore, type Need, type ReadySink, ReadyStreams } from "./ready-streams.js"
import type { CallStarted } from "./running-calls.js"
import { span } from "./wording.js"

export const workConservation: Property = {
  id: "I-20",
  title: "Work conservation and priority",
  statement:
    "When a permit is free and a stream is ready, a call starts in that turn; and it is the ready stream that is first by the age of its batch and its place in it.",
  weakened:
    "After a call without progress a stream comes back later, and behind the others until its oldest batch waits for it no longer. Not asked of sinks that have failed or were asked to stop, and whether a call starts in that turn only where the trace counts turns.",
  takes: ReadyStreams.takes,
  monitor: () => new WorkConservation(),
}

/**
 * A turn is over with the first event of another one, of whatever source: until then the sink may still call. Whether a
 * stream that returned in the same turn was first is not asked of calls that start while a batch is admitted: the sink may
 * not have seen the result by then.
 */
class WorkConservation implements Monitor {
  checked = 0
  readonly #streams = new ReadyStreams()
  readonly #touched = new Set<string>()
  #turn: number | undefined

  observe(event: TraceEvent): string | undefined {
    const idle = this.#endOfTurn(event.turn)
    const unfair = event.kind === "CallStarted" ? this.#started(event) : undefined
    this.#streams.observe(event)
    const sink = sinkOf(event, this.#streams)
    if (sink !== undefined && event.turn !== undefined) this.#touched.add(sink.name)
    return idle ?? unfair
  }

  #endOfTurn(turn: number | undefined): string | undefined {
    if (turn === this.#turn) return undefined
    this.#turn = turn
    let message: string | undefined
    for (const name of this.#touched) {
      const sink = this.#streams.get(name)
      if (sink !== undefined) message ??= this.#idleIn(sink)
    }
    this.#touched.clear()
    return message
  }

  #idleIn({ name, limit, running, closing, ready }: ReadySink): string | undefined {
    const [first] = ready
    if (closing || first === undefined) return undefined
    this.checked++
    if (running >= limit) return undefined
    return `${name}: ${running} of ${limit} calls run and ${first.stream} of ${batchOf(first)} is ready, but no call started in that turn`
  }

  /** A stream that was demoted and comes back with a part done is ready, but does not come first. */
  #firstWithAPlace({ name, ready }: ReadySink): Need | undefined {
    return ready.find(({ stream }) => this.#streams.stream(name, stream)?.demoted === false)
  }

  #started({ sink: name, call, stream, first, count, turn }: CallStarted & { turn?: number }): string | undefined {
    const sink = this.#streams.get(name)
    const called = this.#streams.stream(name, stream)
    if (sink === undefined || called === undefined || sink.closing || called.demoted) return undefined
    this.checked++
    const due = this.#firstWithAPlace(sink)
    const own = called.needs[0]!
    if (due === undefined || !isDueBefore(due, own)) return undefined
    if (sink.justAdmitted && this.#streams.stream(name, due.stream)?.returnedIn === turn) return undefined
    return `${name}: call #${call} with ${span(stream, first, count)} of ${batchOf(own)} starts, though ${due.stream} of ${batchOf(due)} is ready and comes first`
  }
}

const batchOf = ({ run, seq }: Need): string => `batch #${seq} of ${run}`

/** The sink that something has happened to after which it may have to call. */
function sinkOf(event: TraceEvent, streams: ReadyStreams): ReadySink | undefined {
  if (event.kind === "Admitted") return streams.ofRun(event.run)
  return event.kind === "CallReturned" ? streams.get(event.sink) : undefined
}
