import type { StreamName } from "../engine/stream-name.js"
import type { Process, ProcessContext, World } from "../sim/world.js"
import type { DynamoClient } from "../stores/dynamo-store/dynamo-client.js"
import { dynamoStoreFailureClass } from "../stores/dynamo-store/failure-class.js"
import type { DynamoStoreContext } from "../stores/dynamo-store/dynamo-store-context.js"
import type { StreamsClient } from "../stores/dynamo-store/index/streams-client.js"
import { ConsumerEdges } from "./consumer-edges.js"
import { sinkLimits, sourceLimits } from "./consumer-limits.js"
import { messageOf } from "../engine/error-message.js"
import { ConsumerTrace } from "./consumer-trace.js"
import { dynamoDbCall } from "./dynamodb-call.js"
import { DynamoStoreAccess } from "./dynamo-store-access.js"
import type { DynamoStoreBackend, TableKind } from "./dynamo-store-backend.js"
import { dynamoStoreRun, type DynamoStoreRun, type DynamoStoreSetup } from "./dynamo-store-run.js"
import {
  calm,
  type DynamoDbConditions,
  type DynamoStoreClients,
  type DynamoStoreConsumerOptions,
  type DynamoStoreStage,
  type DynamoStoreTuning,
} from "./dynamo-store-stage.js"
import type { EngineUnderTest } from "./engine-under-test.js"
import { handlerPort } from "./handler-port.js"
import { faultOf, IndexLedger, inOrder } from "./index-ledger.js"
import { lostConnection } from "./lost-connection.js"
import { observeCheckpoints } from "./observe-checkpoints.js"
import { IndexReads, observeDynamoDb, observeReadingSink } from "./observe-dynamodb.js"
import { observeHandler } from "./observe-handler.js"
import { repeatingClient } from "./repeating-client.js"
import { quiescent, Settlement } from "./settlement.js"
import type { Reads } from "./stage.js"
import { StartNames } from "./start-names.js"
import { type Trouble, troubling } from "./trouble.js"
import { unrulyFeed } from "./unruly-feed.js"

/** There is one partition of the index, and it is the only tranche. */
const tranche = "0"
const restartMs = 20
const tellMs = 50

/** The clients of one process, with what may befall them on the way. */
interface Connections {
  readonly client: DynamoClient
  readonly streams: StreamsClient
}

/** The stage on DynamoStore, over the fake DynamoDB or a real one: what differs is in the world and in the backend. */
export class StageOnDynamoStore implements DynamoStoreStage {
  readonly world: World
  readonly engine: EngineUnderTest
  readonly #backend: DynamoStoreBackend
  readonly #run: DynamoStoreRun
  readonly #indexerTrouble: Trouble
  readonly #ledger: IndexLedger
  readonly #settlement = new Settlement()
  readonly #connections = new Map<string, Connections>()
  readonly #accesses = new Map<string, DynamoStoreAccess>()
  readonly #starts = new StartNames()
  #endTrouble = () => {}
  /** What a writer or an indexer found that the store must not do. */
  #defect: string | undefined

  constructor(world: World, engine: EngineUnderTest, backend: DynamoStoreBackend, setup: DynamoStoreSetup) {
    this.world = world
    this.engine = engine
    this.#backend = backend
    this.#run = dynamoStoreRun(setup)
    this.#indexerTrouble = setup.indexerTrouble
    this.conditions.lagMs = this.#run.lagMs
    this.#ledger = new IndexLedger({
      tell: (event) => world.trace.emit(event),
      isOnceOnly: () => this.tuning.lookBackEpochs === Infinity,
    })
    world.trace.subscribe((event) => this.#settlement.observe(event))
    backend.onChange?.((table, item) => this.#take(table, item))
  }

  get conditions(): DynamoDbConditions {
    return this.#backend.conditions
  }

  get tuning(): DynamoStoreTuning {
    return this.#run.tuning
  }

  /** Runs the one indexer of a scenario that knows of none, with trouble of its own until the scenario comes to rest. */
  startIndexer(): void {
    this.#endTrouble = troubling(this, "indexer", this.#indexerTrouble)
    this.world.process("indexer", (self) => this.index(self))
  }

  async consume(self: ProcessContext, options: DynamoStoreConsumerOptions): Promise<void> {
    const { group, categories, batchSize, startFromTail = false } = options
    const name = this.#starts.next(self)
    const [ofSink, ofSource] = [sinkLimits(options), sourceLimits(options)]
    // Where the tail was found is told by what was read of the index, and may be told before the source knows of it.
    const { tailSleepIntervalMs: _, readBackOffMs: __, maxReadBackOffMs: ___, ...told } = ofSource
    const start = { process: self.id, name, group, categories, tranches: [tranche], ...ofSink, ...told }
    const trace = new ConsumerTrace(start, self.trace)
    const edges = new ConsumerEdges(self, trace)
    const reads = new IndexReads(trace, tranche, categories)
    const { client } = this.#connect(self)
    const context = this.#context(self, "index", observeDynamoDb(client, reads))
    const checkpoints = this.#checkpoints(self, client)
    // What the engine warns of is in the trace.
    const warn = () => undefined
    const handler = observeHandler(handlerPort(self, options), trace)
    const sink = this.engine.StreamsSink.create({ ...ofSink, handler, clock: edges.sinkClock, warn })
    const source = this.engine.DynamoStoreSource.create({
      ...ofSource,
      context,
      mode: this.#loadMode(self, options, observeDynamoDb(client, reads)),
      categories,
      batchSizeCutoff: batchSize,
      groupName: group,
      checkpoints: reads.begunBy(observeCheckpoints(checkpoints, trace, dynamoStoreFailureClass)),
      sink: edges.watch(observeReadingSink(unrulyFeed(sink, self), trace, reads), sink),
      random: edges.sourceRandom,
      startFromTail,
      clock: edges.sourceClock,
      warn,
    })
    await edges.during((signal) => source.start(signal))
  }

  async append(self: ProcessContext, stream: StreamName, count: number): Promise<void> {
    const ids = Array.from({ length: count }, () => self.random.uuid())
    await this.#watched(self, this.#access(self).append(stream, ids))
  }

  async streamVersion(self: ProcessContext, stream: StreamName): Promise<bigint> {
    return this.#access(self).version(stream)
  }

  clients(self: ProcessContext): DynamoStoreClients {
    return { ...this.#connect(self), tables: this.#backend.tables }
  }

  reshard(): void {
    this.#backend.reshard?.()
  }

  async index(self: ProcessContext): Promise<void> {
    const { client, streams } = this.#connect(self)
    while (!self.signal.aborted) {
      try {
        await this.#pump(self, client, streams).start(self.signal)
      } catch {
        await self.clock.sleep(restartMs, self.signal)
      }
    }
  }

  async settle(withinMs: number, consumers: readonly Process[] = [], reads: Reads = "seen"): Promise<void> {
    const { clock, trace } = this.world
    this.#endTrouble()
    Object.assign(this.conditions, calm)
    const until = clock.now() + withinMs
    do {
      await this.#takeAll()
    } while (!this.#ledger.isIndexComplete && clock.now() < until && (await clock.sleep(tellMs), true))
    const isSettled = (await this.#settlement.awaited(clock, until, consumers, reads)) && this.#ledger.isIndexComplete
    await this.#takeAll()
    for (const event of this.#ledger.unindexed()) trace.emit(event)
    trace.emit(quiescent(this.world, withinMs, isSettled))
    const fault = this.#defect ?? this.#ledger.fault ?? faultOf(await this.#backend.items("events"))
    if (fault !== undefined) throw new Error(fault)
  }

  /** An error that no retry mends is the store's fault, and the run's failure. */
  async #watched(self: ProcessContext, call: Promise<void>): Promise<void> {
    try {
      await call
    } catch (error) {
      this.#defect ??= `${self.id}: ${(error as Error).name}: ${messageOf(error)}`
      throw error
    }
  }

  #pump(self: ProcessContext, client: DynamoClient, streams: StreamsClient) {
    const { appendsHandler, DynamoShardPlaces, DynamoStoreIndexer, StreamPump } = this.engine
    const { epochStreams, epochVersion, lookBackEpochs, placeIntervalMs } = this.tuning
    const { clock, random } = self
    const warn = () => undefined
    const context = this.#context(self, "index", client)
    const indexer = new DynamoStoreIndexer({
      context,
      eventsContext: this.#context(self, "events", client),
      maxEpochVersion: epochVersion,
      maxEpochStreams: epochStreams,
      lookBackEpochs,
      clock,
      random,
      warn,
    })
    const { streamArn } = this.#backend
    const handler = appendsHandler(indexer, { warn })
    const pauses = { backOffMs: 5, maxBackOffMs: 100 }
    const kept = placeIntervalMs === undefined ? {} : { places: DynamoShardPlaces.create(context), placeIntervalMs }
    return StreamPump.create({ streams, streamArn, handler, clock, ...this.#run.pump, ...kept, ...pauses, warn })
  }

  #loadMode(self: ProcessContext, { load = this.#run.load }: DynamoStoreConsumerOptions, client: DynamoClient) {
    const { LoadMode } = this.engine
    if (load.kind === "index-only") return LoadMode.IndexOnly()
    return LoadMode.WithData(load.degreeOfParallelism, this.#context(self, "events", client))
  }

  #checkpoints(self: ProcessContext, client: DynamoClient) {
    const { DynamoCheckpoints, MemoryCache } = this.engine
    const cache = this.#run.cache === "none" ? undefined : new MemoryCache({ clock: self.clock })
    return DynamoCheckpoints.create(this.#context(self, "index", client), cache, this.#run.checkpointFreqS)
  }

  #access(self: ProcessContext): DynamoStoreAccess {
    const known = this.#accesses.get(self.id)
    if (known !== undefined) return known
    const context = this.#context(self, "events", this.#connect(self).client)
    const access = new DynamoStoreAccess(this.engine, this.#run, context)
    this.#accesses.set(self.id, access)
    return access
  }

  #context(self: ProcessContext, table: TableKind, client: DynamoClient): DynamoStoreContext {
    const { DynamoStoreClient, DynamoStoreContext } = this.engine
    const { tipEvents, indexTipEvents } = this.tuning
    return new DynamoStoreContext({
      client: new DynamoStoreClient(client),
      tableName: this.#backend.tables[table],
      tip: { maxEvents: table === "events" ? tipEvents : indexTipEvents },
      clock: self.clock,
      random: self.random,
      warn: () => undefined,
    })
  }

  #connect(self: ProcessContext): Connections {
    const known = this.#connections.get(self.id)
    if (known !== undefined) return known
    const { client, streams, cut } = this.#backend.connect()
    self.onCrash(cut)
    const lost = lostConnection(self.random.fork("connection"))
    const attempts = this.#run.transportAttempts
    const { failures } = this.#backend
    const calls = { lost, describe: dynamoDbCall, failures: failures.client, repeats: () => true }
    const connections = {
      client: repeatingClient(self.port("dynamodb", client, calls), attempts, self.clock, this.#backend.tokens),
      streams: self.port("dynamodb-streams", streams, { lost, failures: failures.streams }),
    }
    this.#connections.set(self.id, connections)
    return connections
  }

  #take(table: TableKind, item: Parameters<IndexLedger["takeEvents"]>[0]): void {
    if (table === "events") this.#ledger.takeEvents(item)
    else this.#ledger.takeIndex(item)
  }

  /** What a store does not tell by itself. The index first: what it names was written before. */
  async #takeAll(): Promise<void> {
    if (this.#backend.onChange !== undefined) return
    const index = await this.#backend.items("index")
    for (const item of inOrder(await this.#backend.items("events"))) this.#take("events", item)
    for (const item of inOrder(index)) this.#take("index", item)
  }
}
