/*
 * A sink that conforms, changed at its edges by mistakes that authors make, each by its name: what the kit has to find, and
 * under which rule. For tests.
 */
import type { Clock } from "../../engine/clock.js"
import { StreamsSink } from "../../engine/sink/streams-sink.js"
import { StreamResult } from "../../engine/stream-result.js"
import type { Handler } from "../stage.js"
import type { Adapter, SinkOptions } from "./adapter.js"
import type { Capability } from "./capability.js"

export type SinkBug =
  | "streams begin anywhere"
  | "a misfit is no progress"
  | "calls begin a turn late"
  | "no progress is repeated before others"
  | "no progress is repeated at once"

const capabilities = [
  ...(["read-ahead", "concurrency", "prompt", "fair", "partial results", "complete streams", "drain"] as const),
]

/**
 * @param bug None: a sink that conforms.
 * @param lacks A capability that it does not list. Default: it lists all that a sink may have.
 */
export const plantedSink = (bug?: SinkBug, lacks?: Capability): Adapter => ({
  name: bug ?? "no bug",
  version: "1",
  store: "own",
  time: "virtual",
  profiles: ["sink"],
  capabilities: capabilities.filter((capability) => capability !== lacks),
  open: ({ clock }) => ({
    sink: (options) => StreamsSink.create({ ...planted(options, clock, bug), warn: () => undefined }),
  }),
})

function planted(
  options: SinkOptions,
  clock: Clock,
  bug: SinkBug | undefined,
): SinkOptions & { readonly clock: Clock } {
  const { handler } = options
  switch (bug) {
    case undefined:
      return { ...options, clock }
    case "streams begin anywhere":
      return { ...options, clock, requireCompleteStreams: false }
    case "a misfit is no progress":
      return { ...options, clock, handler: forgiven(handler) }
    case "calls begin a turn late":
      return { ...options, clock, handler: (stream, events) => clock.turn().then(() => handler(stream, events)) }
    case "no progress is repeated before others":
      return { ...options, clock, handler: insisting(handler) }
    case "no progress is repeated at once":
      return { ...options, clock: withoutPauses(clock) }
  }
}

const forgiven =
  (handler: Handler): Handler =>
  async (stream, events) => {
    const result = await handler(stream, events)
    const fits = result?.kind !== "PartiallyProcessed" || result.count <= events.length
    return fits ? result : StreamResult.NoneProcessed
  }

const mostAttempts = 50

const insisting =
  (handler: Handler): Handler =>
  async (stream, events) => {
    let result = await handler(stream, events)
    for (let n = 1; n < mostAttempts && result?.kind === "NoneProcessed"; n++) result = await handler(stream, events)
    return result
  }

/** Longer than any pause after a call without progress, and shorter than what a stop waits for. */
const longestPauseMs = 2_000

const withoutPauses = (clock: Clock): Clock => ({
  now: () => clock.now(),
  turn: () => clock.turn(),
  sleep: (ms, signal) => (ms > longestPauseMs ? clock.sleep(ms, signal) : Promise.resolve()),
})
