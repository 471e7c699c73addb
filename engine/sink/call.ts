import type { StreamResult } from "../stream-result.js"
import type { ITimelineEvent } from "../timeline-event.js"
import type { StreamState } from "./stream-state.js"

/** Who is told what has become of a call. */
interface Caller {
  returned(call: Call, result: void | StreamResult): void
  threw(call: Call, error: unknown): void
}

/**
 * A call of the handler, and when it has ended the place for another one: what its promise is to tell is made once and not
 * for every call, since there are as many calls as events where each stream has one.
 */
export class Call {
  /** The stream that is called; undefined when the call has ended. */
  state: StreamState | undefined
  /** The span in flight: `[first, behind)`. */
  events: readonly ITimelineEvent[] = []
  first = -1
  /** Told when the call has ended. */
  onEnded: (() => void)[] | undefined
  readonly returned: (result: void | StreamResult) => void
  readonly threw: (error: unknown) => void

  constructor(caller: Caller) {
    this.returned = (result) => caller.returned(this, result)
    this.threw = (error) => caller.threw(this, error)
  }

  get behind(): number {
    return this.first + this.events.length
  }

  /** Takes the lowest span of the stream. */
  begin(state: StreamState): void {
    this.state = state
    this.first = state.queue.first
    this.events = state.queue.take()
    state.call = this
  }

  /** Answers who is to be told, if anybody is. */
  end(): readonly (() => void)[] | undefined {
    const waiting = this.onEnded
    if (this.state !== undefined) this.state.call = undefined
    this.state = this.onEnded = undefined
    this.events = []
    return waiting
  }
}
