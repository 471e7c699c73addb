import type { StreamName } from "../engine/stream-name.js"
import type { Subject } from "../sim/step-label.js"
import type { Process, ProcessContext, World } from "../sim/world.js"
import { messageDbFailureClass } from "../stores/message-db/failure-class.js"
import type { PgClient, PgPool } from "../stores/message-db/pg.js"
import { MessageDbReader } from "../stores/message-db/reader.js"
import { resizeConsumerGroup } from "../stores/message-db/resize.js"
import { MessageDbWriter } from "../stores/message-db/writer.js"
import { ConsumerEdges } from "./consumer-edges.js"
import { sinkLimits, sourceLimits } from "./consumer-limits.js"
import { ConsumerTrace } from "./consumer-trace.js"
import type { EngineUnderTest } from "./engine-under-test.js"
import type { AppendedEvent } from "./appended-event.js"
import { handlerPort } from "./handler-port.js"
import type { MessageDbBackend, ProcessConnections } from "./message-db-backend.js"
import { commitCheckpoint, messageDbCall } from "./message-db-call.js"
import { messageDbFailures } from "./message-db-failures.js"
import type { MessageDbConditions, MessageDbConsumerOptions, MessageDbStage } from "./message-db-stage.js"
import { observeCheckpoints } from "./observe-checkpoints.js"
import { observeHandler } from "./observe-handler.js"
import { observePool } from "./observe-pool.js"
import { observeSink } from "./observe-sink.js"
import { touchesOfMessageDb } from "./message-db-touches.js"
import { quiescent, Settlement } from "./settlement.js"
import type { Reads } from "./stage.js"
import { StartNames } from "./start-names.js"
import { unrulyFeed } from "./unruly-feed.js"

const retryMs = 5
const mostAttempts = 1_000

/**
 * The stage on a Message DB, the fake or a real one: what differs between the two is in the world and in the backend.
 */
export class StageOnMessageDb implements MessageDbStage {
  readonly world: World
  readonly engine: EngineUnderTest
  readonly #backend: MessageDbBackend
  readonly #settlement = new Settlement()
  readonly #pools = new Map<string, PgPool>()
  readonly #starts = new StartNames()
  #toldUpTo = 0n

  private constructor(world: World, engine: EngineUnderTest, backend: MessageDbBackend) {
    this.world = world
    this.engine = engine
    this.#backend = backend
    world.trace.subscribe((event) => this.#settlement.observe(event))
    backend.onAppended?.((event) => world.trace.emit(event))
  }

  /** Sets the stage: the checkpoint table is there when the scenario begins. */
  static async create(world: World, engine: EngineUnderTest, backend: MessageDbBackend): Promise<StageOnMessageDb> {
    await new engine.PgCheckpoints(backend.connect().pool).ensureTable()
    return new StageOnMessageDb(world, engine, backend)
  }

  get connectionString(): string | undefined {
    return this.#backend.connectionString
  }

  get conditions(): MessageDbConditions {
    return this.#backend.conditions
  }

  pool(self: ProcessContext): PgPool {
    return this.#port(self, "message-db", () => this.#backend.connect())
  }

  #port(self: ProcessContext, name: string, connect: () => ProcessConnections): PgPool {
    const key = `${self.id} ${name}`
    const known = this.#pools.get(key)
    if (known !== undefined) return known
    const connections = connect()
    const { pool, terminate, cut } = connections
    self.onCrash(terminate)
    const lost = () => new Error("Connection terminated unexpectedly")
    const onLost = (object: object, operation: string) => {
      cut(object)
      // Nobody else will: its caller never got it, and the pool would wait for it for ever.
      if (operation === "connect" && object !== pool) (object as PgClient).release(lost())
    }
    const repeats = (_: string, about: Subject | undefined) => about?.what === commitCheckpoint
    const failures = messageDbFailures(connections)
    const calls = { describe: messageDbCall, touches: touchesOfMessageDb, sameAs: "message-db", failures, repeats }
    const port = self.port(name, pool, { sync: ["release"], nested: ["connect"], lost, onLost, ...calls })
    this.#pools.set(key, port)
    return port
  }

  async consume(self: ProcessContext, options: MessageDbConsumerOptions): Promise<void> {
    const { group, categories, member, size, readsFrom, batchSize } = options
    const place = member === undefined || size === undefined ? {} : { member, size }
    const name = this.#starts.next(self)
    const [ofSink, ofSource] = [sinkLimits(options), sourceLimits(options)]
    const start = { process: self.id, name, group, tranches: categories, ...place, ...ofSink, ...ofSource }
    const trace = new ConsumerTrace(start, self.trace)
    const edges = new ConsumerEdges(self, trace)
    const pool = this.pool(self)
    const { connectStandby } = this.#backend
    const read = readsFrom === "standby" && connectStandby ? this.#port(self, "standby", connectStandby) : pool
    // What the engine warns of is in the trace.
    const warn = () => undefined
    const handler = observeHandler(handlerPort(self, options), trace)
    const sink = this.engine.StreamsSink.create({ ...ofSink, handler, clock: edges.sinkClock, warn })
    const source = this.engine.MessageDbSource.create({
      ...ofSource,
      batchSize,
      pool: observePool(read, trace),
      categories: [...categories],
      groupName: group,
      checkpoints: observeCheckpoints(new this.engine.PgCheckpoints(pool), trace, messageDbFailureClass),
      sink: edges.watch(observeSink(unrulyFeed(sink, self), trace), sink),
      clock: edges.sourceClock,
      random: edges.sourceRandom,
      warn,
      ...(member === undefined ? {} : { consumerGroupMember: member }),
      ...(size === undefined ? {} : { consumerGroupSize: size }),
    })
    await edges.during((signal) => source.start(signal))
  }

  async append(self: ProcessContext, stream: StreamName, count: number): Promise<void> {
    const writer = MessageDbWriter.create({ pool: this.pool(self), random: self.random })
    const messages = Array.from({ length: count }, () => {
      const id = self.random.uuid()
      return { id, type: "Happened", data: JSON.stringify({ id }) }
    })
    for (let attempt = 1; ; attempt++) {
      try {
        await writer.append(stream, messages)
        return
      } catch (error) {
        // Without an answer nobody knows whether the messages are written; with the same ids the writer finds out.
        if (isFinal(error) || attempt === mostAttempts) throw error
        await self.clock.sleep(retryMs)
      }
    }
  }

  /** Message DB counts from -1. */
  async streamVersion(self: ProcessContext, stream: StreamName): Promise<bigint> {
    return (await new MessageDbReader({ pool: this.pool(self) }).streamVersion(stream)) + 1n
  }

  async resize(self: ProcessContext, group: string, from: number, to: number): Promise<void> {
    const moved = await resizeConsumerGroup(this.pool(self), { groupName: group, from, to, clock: self.clock })
    for (const { category, position } of moved)
      for (let member = 0; member < Math.max(from, to); member++) {
        // A member that there is no more has lost its row.
        const now = member < to ? position : 0n
        self.trace.emit({ kind: "Override", group: `${group}-${member}`, tranche: category, position: now })
      }
  }

  async settle(withinMs: number, consumers: readonly Process[] = [], reads: Reads = "seen"): Promise<void> {
    this.conditions.standbyLagMs = 0
    const until = this.world.clock.now() + withinMs
    await this.#tellAppended()
    const isSettled = await this.#settlement.awaited(this.world.clock, until, consumers, reads)
    await this.#tellAppended()
    this.world.trace.emit(quiescent(this.world, withinMs, isSettled))
  }

  async #tellAppended(): Promise<void> {
    if (this.#backend.onAppended !== undefined) return
    for (const event of await this.#backend.appended(this.#toldUpTo)) {
      this.#toldUpTo = event.pos + 1n
      this.world.trace.emit(event satisfies AppendedEvent)
    }
  }
}

/** The store, or the writer, said no: trying again would change nothing. */
function isFinal(error: unknown): boolean {
  const { severity, name } = error as { severity?: string; name?: string }
  if (severity !== undefined) return messageDbFailureClass(error) !== "transient"
  return name !== undefined && name !== "Error"
}
