/*
 * A consumer of a store in memory, as an author may write it, and the mistakes that authors make, each by its name: what the
 * kit has to find, and under which rule. For tests.
 */
import type { IngesterBatch, Sink } from "../../engine/batch.js"
import type { ICheckpoints } from "../../engine/checkpoints.js"
import type { Clock } from "../../engine/clock.js"
import type { StreamName } from "../../engine/stream-name.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import { groupHash } from "../../stores/message-db/fake/stream-hash.js"
import { itemOf } from "../consumer-trace.js"
import type { Adapter, Consumer, Session, SinkOptions } from "./adapter.js"
import { KeptPositions, keptCheckpoints } from "./kept-positions.js"
import { MemoryEvents } from "./memory-events.js"

export type Bug =
  | "no order"
  | "two handlers at once"
  | "checkpoint early"
  | "checkpoint backwards"
  | "origin ignored"
  | "wrong hash"
  | "inclusive position"
  | "lost wake-up"
  | "unbounded read-ahead"
  | "leak of listeners"
  | "no end on abort"
  | "checkpoint seldom"
  | "starts too early"

/** @param bug None: a consumer that conforms. */
export const plantedAdapter = (bug?: Bug): Adapter => ({
  name: bug ?? "no bug",
  version: "1",
  store: "own",
  time: "virtual",
  profiles: ["source", "checkpoints", "consumer-groups"],
  capabilities: [
    ...(["positions", "one call per stream", "read-ahead", "drain", "groups", "message-db members"] as const),
    ...(["checkpoint interval", "compare positions"] as const),
    // Who sees where it begins to read sees at once what is wrong.
    ...(bug === "starts too early" ? [] : (["pages", "batches", "origin"] as const)),
  ],
  open(session) {
    const events = session.remote("events", () => new MemoryEvents())
    const checkpoints = checkpointsOver(
      session.remote("positions", () => new KeptPositions()),
      bug,
    )
    return {
      checkpoints,
      events: { append: (stream, batch) => events.append(stream, batch), read: async () => [] },
      source: (consumer) => new PlantedConsumer(events, consumer, session, bug),
    }
  },
})

const seldomMs = 5_000

/** What becomes of checkpoints by a bug of their store. */
function checkpointsOver(positions: KeptPositions, bug: Bug | undefined): ICheckpoints {
  const kept = keptCheckpoints(positions)
  return {
    load: (group, tranche, origin) =>
      bug === "origin ignored" ? kept.load(group, tranche) : kept.load(group, tranche, origin),
    commit: (group, tranche, position) =>
      bug === "checkpoint backwards"
        ? positions.replace(`${group} ${tranche}`, position)
        : kept.commit(group, tranche, position),
  }
}

type Items = readonly (readonly [StreamName, ITimelineEvent])[]

/** Handles page after page, the streams of a page side by side. */
class PlantedSink implements Sink {
  readonly #options: SinkOptions
  readonly #clock: Clock
  readonly #bug: Bug | undefined
  #handled: Promise<void> = Promise.resolve()
  /** Of each stream, the next index that no call was given. */
  readonly #next = new Map<StreamName, bigint>()
  #open = 0
  #wake = () => {}
  #fail: (error: unknown) => void = () => {}
  /** Rejects when a handler fails. */
  readonly #failed = new Promise<never>((_, reject) => (this.#fail = reject))

  constructor(options: SinkOptions, clock: Clock, bug: Bug | undefined) {
    this.#options = options
    this.#clock = clock
    this.#bug = bug
    this.#failed.catch(() => undefined)
  }

  async start(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))
    await Promise.race([aborted, this.#failed])
  }

  /** Resolves when all that was admitted is handled. */
  async drained(): Promise<void> {
    await Promise.race([this.#handled, this.#failed])
  }

  addTracingAttrs(): void {}

  pump(batch: IngesterBatch): void | Promise<void> {
    this.#open++
    const handling = this.#bug === "two handlers at once" ? this.#handle(batch.items) : this.#after(batch.items)
    this.#handled = Promise.all([this.#handled, handling]).then(() => {
      this.#open--
      batch.onComplete()
      this.#wake()
    })
    this.#handled.catch((error: unknown) => this.#fail(error))
    if (this.#bug !== "unbounded read-ahead" && this.#open >= this.#options.maxReadAhead) return this.#room()
  }

  async #room(): Promise<void> {
    if (this.#bug === "lost wake-up") {
      // What completes meanwhile wakes nobody.
      await this.#clock.sleep(5)
      await new Promise<void>((resolve) => (this.#wake = resolve))
      return
    }
    while (this.#open >= this.#options.maxReadAhead) await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  async #after(items: Items): Promise<void> {
    await this.#handled
    await this.#handle(items)
  }

  async #handle(items: Items): Promise<void> {
    const streams = new Map<StreamName, ITimelineEvent[]>()
    for (const [stream, event] of items) streams.set(stream, [...(streams.get(stream) ?? []), event])
    const waiting = [...streams]
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await this.#call(...next)
    }
    await Promise.all(Array.from({ length: this.#options.maxConcurrentStreams }, worker))
  }

  async #call(stream: StreamName, read: readonly ITimelineEvent[]): Promise<void> {
    const { handler } = this.#options
    const events = this.#unhandled(stream, read)
    const last = events.at(-1)
    if (last === undefined) return
    this.#next.set(stream, last.index + 1n)
    if (this.#bug !== "no order") {
      await handler(stream, events)
      return
    }
    for (const event of events.toReversed()) await handler(stream, [event])
  }

  /** Without what a feed delivers again. */
  #unhandled(stream: StreamName, events: readonly ITimelineEvent[]): ITimelineEvent[] {
    const next = this.#next.get(stream) ?? 0n
    return events.filter(({ index }, n) => index >= next && events.findIndex((other) => other.index === index) === n)
  }
}

class PlantedConsumer {
  readonly #events: MemoryEvents
  readonly #consumer: Consumer
  readonly #session: Session
  readonly #bug: Bug | undefined

  constructor(events: MemoryEvents, consumer: Consumer, session: Session, bug: Bug | undefined) {
    this.#events = events
    this.#consumer = consumer
    this.#session = session
    this.#bug = bug
  }

  async start(signal: AbortSignal): Promise<void> {
    if (this.#bug === "leak of listeners") signal.addEventListener("abort", () => undefined)
    const own = new AbortController()
    const stop = () => own.abort()
    signal.addEventListener("abort", stop)
    if (signal.aborted) stop()
    const runs = this.#consumer.categories.map((category) => this.#run(category, own.signal).finally(stop))
    const ends = await Promise.allSettled(runs)
    signal.removeEventListener("abort", stop)
    for (const end of ends) if (end.status === "rejected") throw end.reason
    if (this.#bug === "no end on abort") await new Promise(() => undefined)
  }

  async #run(category: string, signal: AbortSignal): Promise<void> {
    const { group, member, checkpoints, edges, checkpointIntervalMs } = this.#consumer
    const key = member === undefined ? group : `${group}-${member}`
    const own = new AbortController()
    const stop = () => own.abort()
    signal.addEventListener("abort", stop)
    if (signal.aborted) stop()
    const sink = new PlantedSink(this.#consumer, this.#session.clock, this.#bug)
    let committed = await checkpoints.load(key, category)
    let posted = committed
    const flush = async () => {
      const position = posted
      if (position <= committed) return
      await checkpoints.commit(key, category, position)
      committed = position
    }
    const committing = async () => {
      while (!own.signal.aborted) {
        await this.#session.clock.sleep(this.#bug === "checkpoint seldom" ? seldomMs : checkpointIntervalMs, own.signal)
        if (!own.signal.aborted) await flush()
      }
    }
    const completed = (position: bigint) => (posted = position > posted ? position : posted)
    try {
      const seen = edges.sink(sink)
      const from = this.#bug === "starts too early" && posted > 0n ? posted - 1n : posted
      const both = Promise.all([this.#crawl(category, from, seen, completed, own.signal), committing()])
      await Promise.race([both, seen.start(own.signal).then(() => both)])
      await sink.drained()
      await flush()
    } finally {
      own.abort()
      signal.removeEventListener("abort", stop)
    }
  }

  async #crawl(
    category: string,
    from: bigint,
    sink: Sink,
    completed: (position: bigint) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { batchSize, edges, tailSleepIntervalMs } = this.#consumer
    for (let position = from; !signal.aborted;) {
      // As if the event at the position had been handled.
      const skipped = this.#bug === "inclusive position" && position > 0n ? 1n : 0n
      const page = await this.#events.page(category, Number(position + skipped), batchSize)
      const checkpoint = page.length === 0 ? position : position + skipped + BigInt(page.length)
      const isTail = page.length === 0
      const items = page.filter(([stream]) => this.#isMine(stream))
      edges.pageRead(category, {
        from: position,
        checkpoint,
        isTail,
        items: items.map(([s, event]) => itemOf(s, event)),
      })
      if (signal.aborted) return
      if (page.length > 0) {
        if (this.#bug === "checkpoint early") completed(checkpoint)
        const trancheId = category
        const room = sink.pump(
          { trancheId, items, checkpoint, isTail, onComplete: () => completed(checkpoint) },
          signal,
        )
        await untilAborted(room, signal)
      }
      position = checkpoint
      if (isTail) await this.#session.clock.sleep(tailSleepIntervalMs, signal)
    }
  }

  #isMine(stream: StreamName): boolean {
    const { member, size } = this.#consumer
    if (member === undefined || size === undefined) return true
    const hash =
      this.#bug === "wrong hash" ? BigInt(stream.length + stream.charCodeAt(stream.length - 1)) : groupHash(stream)!
    return Number(hash % BigInt(size)) === member
  }
}

async function untilAborted(room: void | Promise<void>, signal: AbortSignal): Promise<void> {
  if (room === undefined || signal.aborted) return
  let stop = () => {}
  const aborted = new Promise<void>((resolve) => (stop = resolve))
  signal.addEventListener("abort", stop)
  await Promise.race([room, aborted])
  signal.removeEventListener("abort", stop)
}
