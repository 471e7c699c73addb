import { StreamResult } from "../../engine/stream-result.js"
import type { ProcessContext } from "../../sim/world.js"
import type { ConsumerOptions, Handler } from "../stage.js"
import { mostSteps } from "../time-goes-on.js"

/*
 * What the handler of a sink's history answers to a call:
 *
 * - `all`: that it is done.
 * - `some`: now and then how far it came, or that it read an older state.
 * - `misfits`: as `some`, and twice in a process what does not fit the call, which fails the run.
 * - `not yet`: for a while that nothing is done, at once, so that the sink alone decides when time goes on.
 */
export const answers = ["all", "some", "misfits", "not yet"] as const

export type Answers = (typeof answers)[number]

const mostMisfits = 2

/** A handler that does its work and answers like that. */
export function answering(
  self: ProcessContext,
  work: Handler,
  kind: Answers,
  notYetMs: number,
): Pick<ConsumerOptions, "handler" | "isHandledAtOnce"> {
  switch (kind) {
    case "all":
      return { handler: work }
    case "some":
      return { handler: inPart(self, work, 0) }
    case "misfits":
      return { handler: inPart(self, work, mostMisfits) }
    case "not yet":
      return { handler: notYet(self, work, notYetMs), isHandledAtOnce: true }
  }
}

function inPart({ random }: ProcessContext, work: Handler, misfits: number): Handler {
  let misfitsLeft = misfits
  return async (stream, events) => {
    await work(stream, events)
    const { index: first } = events[0]!
    const { index: last } = events.at(-1)!
    switch (random.integer(0, 7)) {
      case 0:
        return StreamResult.NoneProcessed
      case 1:
        return StreamResult.PartiallyProcessed(random.integer(0, events.length))
      case 2:
        return StreamResult.OverrideNextIndex(last + 1n)
      case 3:
        return StreamResult.OverrideNextIndex(first === 0n ? 0n : first - 1n)
      case 4:
        return misfitsLeft-- > 0 ? StreamResult.PartiallyProcessed(events.length + 1) : StreamResult.AllProcessed
      default:
        return StreamResult.AllProcessed
    }
  }
}

/** Each makes two steps of a trace, so it is more than may fall into one turn. */
const mostCallsInVain = 0.6 * mostSteps

/** Whoever repeats at once, so that it never becomes time, comes to an end with the calls. */
function notYet({ clock }: ProcessContext, work: Handler, ms: number): Handler {
  const readyAt = clock.now() + ms
  let callsLeft = mostCallsInVain
  return async (stream, events) =>
    clock.now() < readyAt && callsLeft-- > 0 ? StreamResult.NoneProcessed : work(stream, events)
}
