import { StreamsSink } from "../../engine/sink/streams-sink.js"
import { StreamResult } from "../../engine/stream-result.js"
import type { EngineUnderTest, SinkOptions, SourceOptions } from "../../properties/engine-under-test.js"
import type { Handler } from "../../properties/stage.js"
import { PgCheckpoints } from "../../stores/message-db/pg-checkpoints.js"
import { MessageDbSource } from "../../stores/message-db/source.js"
import type { StoreKind } from "../../properties/scenario.js"

/** A correct engine that does what it may do otherwise than ours: no property may complain of it. */
export interface Variant {
  readonly name: string
  readonly on: readonly StoreKind[]
  /** What takes the place of our parts. */
  readonly parts: Partial<EngineUnderTest>
}

const both: readonly StoreKind[] = ["message-db", "dynamo-store"]

/** Its sink hands over what `calls` makes of the handler. */
const sink = (name: string, calls: (handler: Handler) => Handler): Variant => ({
  name,
  on: both,
  parts: {
    StreamsSink: {
      create: (options: SinkOptions) => StreamsSink.create({ ...options, handler: calls(options.handler) }),
    },
  },
})

const source = (name: string, changed: Partial<SourceOptions>): Variant => ({
  name,
  on: ["message-db"],
  parts: {
    MessageDbSource: { create: (options: SourceOptions) => MessageDbSource.create({ ...options, ...changed }) },
  },
})

const checkpoints = (name: string, Checkpoints: EngineUnderTest["PgCheckpoints"]): Variant => ({
  name,
  on: ["message-db"],
  parts: { PgCheckpoints: Checkpoints },
})

/** Hands over the first `count` events of a span, and says of the others that they are yet to come. */
const atMost =
  (count: (length: number) => number) =>
  (handler: Handler): Handler =>
  async (stream, events) => {
    const given = events.slice(0, count(events.length))
    const result = (await handler(stream, given)) ?? StreamResult.AllProcessed
    if (result.kind === "AllProcessed") return StreamResult.PartiallyProcessed(given.length)
    // More than was given is an error of the handler, though it may be less than what there is.
    if (result.kind === "PartiallyProcessed" && result.count > given.length)
      return StreamResult.PartiallyProcessed(events.length + 1)
    return result
  }

export const variants: readonly Variant[] = [
  sink(
    "one event per call",
    atMost(() => 1),
  ),
  sink(
    "half of a span per call",
    atMost((length) => Math.ceil(length / 2)),
  ),
  sink("calls begin some microtasks later, with copies of the events", (handler) => async (stream, events) => {
    for (let n = 0; n < 5; n++) await Promise.resolve()
    return handler(stream, structuredClone(events))
  }),
  source("pages of one event", { batchSize: 1 }),
  source("large pages", { batchSize: 500 }),
  source("a checkpoint for nearly every batch", { checkpointIntervalMs: 1 }),
  checkpoints(
    "checkpoints that look twice before they write",
    class extends PgCheckpoints {
      override async commit(...args: Parameters<PgCheckpoints["commit"]>) {
        await this.load(args[0], args[1])
        await this.load(args[0], args[1])
        return super.commit(...args)
      }
    },
  ),
  checkpoints(
    "checkpoints that are written twice",
    class extends PgCheckpoints {
      override async commit(...args: Parameters<PgCheckpoints["commit"]>) {
        await super.commit(...args)
        return super.commit(...args)
      }
    },
  ),
]
