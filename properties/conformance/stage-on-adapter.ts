import { StreamName } from "../../engine/stream-name.js"
import type { Process, ProcessContext, World } from "../../sim/world.js"
import { bodyDigest } from "../body-digest.js"
import { ConsumerTrace } from "../consumer-trace.js"
import type { EngineUnderTest } from "../engine-under-test.js"
import { handlerPort } from "../handler-port.js"
import type { MessageDbStage } from "../message-db-stage.js"
import { observeCheckpoints } from "../observe-checkpoints.js"
import { observeHandler } from "../observe-handler.js"
import { observePool } from "../observe-pool.js"
import { observeSink } from "../observe-sink.js"
import type { ConsumerOptions, Stage } from "../stage.js"
import { StartNames } from "../start-names.js"
import { unrulyFeed } from "../unruly-feed.js"
import { MemoryCheckpoints } from "../../engine/memory-checkpoints.js"
import type { Adapter, Appended, Edges, NewEvent, Opened, Session } from "./adapter.js"

export interface AdapterConsumerOptions extends ConsumerOptions {
  readonly member?: number
  readonly size?: number
}

/** The only tranche of a store that is read as a whole. */
const whole = "0"
const retryMs = 5
const mostAttempts = 1_000

/**
 * The stage on what an adapter adapts. The store is that of another stage, which also knows when all has come to rest;
 * where the store is the adapter's own, events are told of when their append is answered.
 */
export class StageOnAdapter implements Stage {
  readonly world: World
  readonly engine: EngineUnderTest
  readonly #adapter: Adapter
  readonly #store: MessageDbStage
  readonly #opened = new Map<string, Promise<Opened>>()
  readonly #remotes = new Map<string, object>()
  readonly #starts = new StartNames()

  constructor(adapter: Adapter, store: MessageDbStage) {
    this.#adapter = adapter
    this.#store = store
    this.world = store.world
    this.engine = store.engine
  }

  /** What the adapter opens in a process: once in each. */
  opened(self: ProcessContext): Promise<Opened> {
    const known = this.#opened.get(self.id)
    if (known !== undefined) return known
    // Whoever fails to open in trouble tries again.
    const opening = this.#open(self).catch((error: unknown) => {
      this.#opened.delete(self.id)
      throw error
    })
    this.#opened.set(self.id, opening)
    return opening
  }

  async consume(self: ProcessContext, options: AdapterConsumerOptions): Promise<void> {
    const opened = await this.opened(self)
    const { group, categories, batchSize, maxConcurrentStreams, maxReadAhead, member, size, handler, touches } = options
    const { tailSleepIntervalMs, checkpointIntervalMs, requireCompleteStreams = false } = options
    const place = member === undefined || size === undefined ? {} : { member, size }
    const limits = { maxConcurrentStreams, maxReadAhead }
    const tranches = this.#readsWhole ? { tranches: [whole], categories } : { tranches: categories }
    const told = { ...limits, requireCompleteStreams, tailSleepIntervalMs, checkpointIntervalMs }
    const name = this.#starts.next(self)
    const trace = new ConsumerTrace({ process: self.id, name, group, ...tranches, ...place, ...told }, self.trace)
    const source = opened.source!({
      group,
      categories,
      batchSize,
      ...limits,
      ...place,
      tailSleepIntervalMs,
      checkpointIntervalMs,
      requireCompleteStreams,
      handler: observeHandler(handlerPort(self, handler, touches), trace),
      checkpoints: observeCheckpoints(opened.checkpoints ?? this.#checkpoints(self), trace),
      edges: this.#edges(self, trace),
    })
    await trace.during(() => source.start(self.signal))
  }

  async append(self: ProcessContext, stream: StreamName, count: number): Promise<void> {
    if (this.#adapter.store !== "own") return this.#store.append(self, stream, count)
    const { events } = await this.opened(self)
    const batch = Array.from({ length: count }, (): NewEvent => {
      const id = self.random.uuid()
      return { id, type: "Happened", data: JSON.stringify({ id }) }
    })
    for (let attempt = 1; ; attempt++) {
      try {
        const appended = await events!.append(stream, batch, "any")
        if (appended.kind === "conflict") throw new Error(`an append without expectation was answered with a conflict`)
        this.#tell(stream, batch, appended)
        return
      } catch (error) {
        if (attempt === mostAttempts) throw error
        await self.clock.sleep(retryMs)
      }
    }
  }

  async streamVersion(self: ProcessContext, stream: StreamName): Promise<bigint> {
    if (this.#adapter.store !== "own") return this.#store.streamVersion(self, stream)
    const { events } = await this.opened(self)
    return BigInt((await events!.read(stream)).length)
  }

  settle(withinMs: number, consumers?: readonly Process[]): Promise<void> {
    return this.#store.settle(withinMs, consumers)
  }

  get #readsWhole(): boolean {
    return this.#adapter.store === "dynamo-store" || this.#adapter.tranches === "store"
  }

  async #open(self: ProcessContext): Promise<Opened> {
    const session: Session = {
      process: self.id,
      clock: self.clock,
      random: self.random,
      signal: self.signal,
      remote: (name, create) => self.port(name, this.#remote(name, create)),
    }
    const adapter = this.#adapter
    switch (adapter.store) {
      case "message-db":
        return adapter.open({ ...session, pool: this.#store.pool(self) })
      case "own":
        return adapter.open(session)
      case "dynamo-store":
        throw new Error("not yet")
    }
  }

  #remote<T extends object>(name: string, create: () => T): T {
    const known = this.#remotes.get(name)
    if (known !== undefined) return known as T
    const made = create()
    this.#remotes.set(name, made)
    return made
  }

  /** Where positions are kept when the adapter brings no store for them. */
  #checkpoints(self: ProcessContext): MemoryCheckpoints {
    return self.port(
      "checkpoints",
      this.#remote("checkpoints", () => new MemoryCheckpoints()),
    )
  }

  #edges(self: ProcessContext, trace: ConsumerTrace): Edges {
    return {
      pool: (pool) => observePool(pool, trace),
      client: (client) => client,
      sink: (sink) => observeSink(unrulyFeed(sink, self), trace, this.#readsWhole ? whole : undefined),
      pageRead: (tranche, page) => trace.pageRead(tranche, page),
    }
  }

  #tell(stream: StreamName, events: readonly NewEvent[], appended: Extract<Appended, { kind: "appended" }>): void {
    const tranche = this.#readsWhole ? whole : StreamName.category(stream)
    events.forEach(({ type, data }, n) =>
      this.world.trace.emit({
        kind: "Appended",
        stream,
        index: appended.index + n,
        tranche,
        pos: appended.positions?.[n] ?? 0n,
        body: bodyDigest(type, data),
      }),
    )
  }
}
