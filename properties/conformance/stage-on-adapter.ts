import type { ICheckpoints } from "../../engine/checkpoints.js"
import { StreamName } from "../../engine/stream-name.js"
import type { FailureClass } from "../../engine/source/read-failure.js"
import type { Process, ProcessContext, World } from "../../sim/world.js"
import { dynamoStoreFailureClass } from "../../stores/dynamo-store/failure-class.js"
import { messageDbFailureClass } from "../../stores/message-db/failure-class.js"
import type { PgPool } from "../../stores/message-db/pg.js"
import { bodyDigest } from "../body-digest.js"
import { ConsumerTrace, type ReadPage } from "../consumer-trace.js"
import type { EngineUnderTest } from "../engine-under-test.js"
import { handlerPort } from "../handler-port.js"
import type { DynamoStoreStage } from "../dynamo-store-stage.js"
import type { MessageDbStage } from "../message-db-stage.js"
import { observeCheckpoints } from "../observe-checkpoints.js"
import { IndexReads, observeDynamoDb, observeReadingSink } from "../observe-dynamodb.js"
import { observeHandler } from "../observe-handler.js"
import { observePool } from "../observe-pool.js"
import { observeSink } from "../observe-sink.js"
import type { ConsumerOptions, Stage } from "../stage.js"
import { StartNames } from "../start-names.js"
import { unrulyFeed } from "../unruly-feed.js"
import type { Capability } from "./capability.js"
import { judging } from "./judged.js"
import { KeptPositions, keptCheckpoints } from "./kept-positions.js"
import { ListenedSignal } from "./listened-signal.js"
import type { Adapter, Appended, Edges, NewEvent, Opened, Session, Source } from "./adapter.js"

/** The stage that gives an adapter its store, or only its world. */
export type BorrowedStage = MessageDbStage | DynamoStoreStage

/** Who has the events that sources read: what the adapter opens, or the store. */
type EventsOf = "adapter" | "store"

export interface AdapterConsumerOptions extends ConsumerOptions {
  readonly member?: number
  readonly size?: number
}

interface ObservedEdges extends Edges {
  checkpoints(checkpoints: ICheckpoints): ICheckpoints
}

/** What is to be thought of an error of the store. An adapter's own errors say nothing to the kit: all of them may pass. */
const failureClasses: Readonly<Record<Adapter["store"], (error: unknown) => FailureClass>> = {
  "message-db": messageDbFailureClass,
  "dynamo-store": dynamoStoreFailureClass,
  own: () => "transient",
}

/** The only tranche of a store that is read as a whole. */
const whole = "0"
const retryMs = 5
const mostAttempts = 1_000

/** In real time code goes on in a process that died: what it opens after that is cut at once. */
function cutOff(self: ProcessContext): Session["onCrash"] {
  const releases: (() => void)[] = []
  let isOver = false
  self.onCrash(() => {
    isOver = true
    for (const release of releases) release()
  })
  return (release) => (isOver ? release() : void releases.push(release))
}

/** What is created without naming a schema is created in `public`, not in that of Message DB. */
function publicFirst(connectionString: string): string {
  const url = new URL(connectionString)
  url.searchParams.set("options", "-c search_path=public,message_store")
  return url.href.replaceAll("+", "%20")
}

/**
 * The stage on what an adapter adapts. The store is that of another stage, which also knows when all has come to rest;
 * where the store is the adapter's own, events are told of when their append is answered.
 */
export class StageOnAdapter implements Stage {
  readonly world: World
  readonly engine: EngineUnderTest
  readonly #adapter: Adapter
  readonly #store: BorrowedStage
  readonly #eventsOf: EventsOf
  readonly #opened = new Map<string, Promise<Opened>>()
  readonly #remotes = new Map<string, object>()
  readonly #starts = new StartNames()

  constructor(
    adapter: Adapter,
    store: BorrowedStage,
    eventsOf: EventsOf = adapter.store === "own" ? "adapter" : "store",
  ) {
    this.#adapter = adapter
    this.#store = store
    this.#eventsOf = eventsOf
    this.world = store.world
    this.engine = store.engine
  }

  can(capability: Capability): boolean {
    return this.#adapter.capabilities.includes(capability)
  }

  /** Declares a process. What the adapter opened in it is closed when it has come to its end in good order. */
  process(name: string, main: (self: ProcessContext) => Promise<void>): Process {
    return this.world.process(name, async (self) => {
      await main(self)
      await (await this.#opened.get(self.id))?.close?.()
    })
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
    const { group, categories, batchSize, maxConcurrentStreams, maxReadAhead, member, size } = options
    const { tailSleepIntervalMs, checkpointIntervalMs, requireCompleteStreams = false } = options
    const place = member === undefined || size === undefined ? {} : { member, size }
    const limits = { maxConcurrentStreams, maxReadAhead }
    const tranches = this.#readsWhole ? { tranches: [whole], categories } : { tranches: categories }
    // Where the tail was found is told by what was read of an index, and may be told before the source knows of it.
    const pause = this.#adapter.store === "dynamo-store" ? {} : { tailSleepIntervalMs }
    const told = { ...limits, ...pause, requireCompleteStreams, checkpointIntervalMs }
    const name = this.#starts.next(self)
    const trace = new ConsumerTrace({ process: self.id, name, group, ...tranches, ...place, ...told }, self.trace)
    const edges = this.#edges(self, trace, categories)
    const source = opened.source!({
      group,
      categories,
      batchSize,
      ...limits,
      ...place,
      tailSleepIntervalMs,
      checkpointIntervalMs,
      requireCompleteStreams,
      handler: observeHandler(handlerPort(self, options), trace),
      checkpoints: edges.checkpoints(opened.checkpoints ?? this.#checkpoints(self)),
      edges,
    })
    const listened = new ListenedSignal(self.signal)
    try {
      await trace.during(() => this.#started(source, self, listened.signal))
    } finally {
      listened.release()
      this.#judgeListeners(self, listened)
    }
  }

  /** In real time code goes on in a process that died: nobody learns what it came to, and nobody starts it again. */
  async #started(source: Source, self: ProcessContext, signal: AbortSignal): Promise<void> {
    try {
      await source.start(signal)
    } finally {
      if (this.world.kind === "real") await self.clock.turn()
    }
  }

  async append(self: ProcessContext, stream: StreamName, count: number): Promise<void> {
    if (this.#eventsOf === "store") return this.#store.append(self, stream, count)
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
    if (this.#eventsOf === "store") return this.#store.streamVersion(self, stream)
    const { events } = await this.opened(self)
    return BigInt((await events!.read(stream)).length)
  }

  settle(withinMs: number, consumers?: readonly Process[]): Promise<void> {
    return this.#store.settle(withinMs, consumers, this.can("pages") ? "seen" : "unseen")
  }

  /** Two names of tranches that the adapter may know. */
  get tranches(): readonly [string, string] {
    return this.#readsWhole ? [whole, "1"] : ["account", "order"]
  }

  get #readsWhole(): boolean {
    const isIndex = this.#adapter.store === "dynamo-store" && this.#eventsOf === "store"
    return isIndex || this.#adapter.tranches === "store"
  }

  async #open(self: ProcessContext): Promise<Opened> {
    const adapter = this.#adapter
    const connectionString = "index" in this.#store ? undefined : this.#store.connectionString
    const session: Session = {
      process: self.id,
      clock: self.clock,
      random: self.random,
      signal: self.signal,
      connectionString:
        connectionString && (adapter.store === "own" ? publicFirst(connectionString) : connectionString),
      onCrash: this.world.kind === "real" ? cutOff(self) : (release) => self.onCrash(release),
      remote: (name, create) => self.port(name, this.#remote(name, create)),
    }
    switch (adapter.store) {
      case "message-db":
        return adapter.open({ ...session, pool: (this.#store as MessageDbStage).pool(self) })
      case "dynamo-store":
        return adapter.open({ ...session, ...(this.#store as DynamoStoreStage).clients(self) })
      case "own":
        return adapter.open(session)
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
  #checkpoints(self: ProcessContext): ICheckpoints {
    return keptCheckpoints(
      self.port(
        "checkpoints",
        this.#remote("checkpoints", () => new KeptPositions()),
      ),
    )
  }

  #edges(self: ProcessContext, trace: ConsumerTrace, categories: readonly string[]): ObservedEdges {
    const classify = failureClasses[this.#adapter.store]
    const common = {
      pool: (pool: PgPool) => observePool(pool, trace),
      pageRead: (tranche: string, page: ReadPage) => trace.pageRead(tranche, page),
    }
    if (this.#adapter.store !== "dynamo-store" || this.#eventsOf === "adapter") {
      const only = this.#readsWhole ? whole : undefined
      return {
        ...common,
        client: (client) => client,
        sink: (sink) => observeSink(unrulyFeed(sink, self), trace, only),
        checkpoints: (checkpoints) => observeCheckpoints(checkpoints, trace, classify),
      }
    }
    const reads = new IndexReads(trace, whole, categories)
    return {
      ...common,
      client: (client) => observeDynamoDb(client, reads),
      sink: (sink) => observeReadingSink(unrulyFeed(sink, self), trace, reads),
      checkpoints: (checkpoints) => reads.begunBy(observeCheckpoints(checkpoints, trace, classify)),
    }
  }

  #judgeListeners(self: ProcessContext, { listeners }: ListenedSignal): void {
    const left = listeners === 0 ? undefined : `${self.id}: its source ended, and ${listeners} listeners are left`
    judging(self.trace)("listeners", left)
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
