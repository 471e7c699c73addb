import { CachingStrategy, Codec, Decider, LoadOption, MemoryCache, StreamId, StreamName } from "@equinox-js/core"
import {
  AccessStrategy,
  DynamoStoreCategory,
  DynamoStoreClient,
  DynamoStoreContext,
  EventsContext,
  QueryOptions,
  TipOptions,
} from "@equinox-js/dynamo-store"
import {
  AppendsEpoch,
  AppendsEpochId,
  AppendsIndex,
  AppendsPartitionId,
  DynamoStoreIndexer,
  IndexStreamId,
} from "@equinox-js/dynamo-store-indexer"
import {
  type Counter,
  type CounterEvent,
  type CounterOptions,
  fold,
  type Indexer,
  isOrigin,
  type Maker,
  type TableOptions,
  toSnapshot,
  type WireSpan,
} from "./counter.js"

/** The counter on `@equinox-js/core`, `dynamo-store` and `dynamo-store-indexer` 1.2.0, as they are on npm. */
export const publishedPackages: Maker = {
  cache: () => new MemoryCache(),
  counter,
  indexer,
  maxEventBytes: (maxBytes) => TipOptions.create({ maxBytes }).maxEventBytes,
  throughCodec(data) {
    const json = Codec.json<{ type: string; data: Record<string, unknown> }>()
    const { data: body } = json.encode({ type: "T", data: data as Record<string, unknown> })
    const event = { id: "", time: new Date(0), type: "T", index: 0n, isUnfold: false, size: 0 }
    return json.decode({ ...event, ...(body !== undefined && { data: body }) })?.data
  },
  categoryOf: (name) => StreamName.category(StreamName.parse(name)),
  async read(options, stream, { from, to, count }) {
    // Its upper bound is the last index, ours the one after it.
    const last = to === undefined ? undefined : to - 1
    const events = await new EventsContext(contextOf(options)).read(StreamName.parse(stream), from, last, count)
    return events.map(({ index }) => Number(index))
  },
}

function contextOf({ ddb, tableName, tip = {}, query = {} }: TableOptions): DynamoStoreContext {
  return DynamoStoreContext.create({
    client: new DynamoStoreClient(ddb),
    tableName,
    tip: TipOptions.create(tip),
    query: QueryOptions.create(query),
  })
}

const codec = Codec.compress(Codec.json<CounterEvent>())

function accessOf({ access, padding }: CounterOptions): AccessStrategy<CounterEvent, number> {
  const snapshot = (total: number) => toSnapshot(total, padding)
  switch (access) {
    case "Unoptimized":
      return AccessStrategy.Unoptimized()
    case "LatestKnownEvent":
      return AccessStrategy.LatestKnownEvent()
    case "Snapshot":
      return AccessStrategy.Snapshot(isOrigin, snapshot)
    case "MultiSnapshot":
      return AccessStrategy.MultiSnapshot(isOrigin, (total: number) => [snapshot(total)])
    case "RollingState":
      return AccessStrategy.RollingState(snapshot)
  }
}

function counter(options: CounterOptions): Counter {
  const caching = options.cache === undefined ? undefined : CachingStrategy.Cache(options.cache as MemoryCache)
  const category = DynamoStoreCategory.create<CounterEvent, number, void>(
    contextOf(options),
    "Counter",
    codec,
    fold,
    0,
    caching,
    accessOf(options),
  )
  const decider = Decider.forStream(category, StreamId.create(options.id), undefined)
  return {
    add: (by, during) =>
      decider.transactResultAsync<void>(async () => {
        await during?.()
        return [undefined, [{ type: "Added", data: { by } }]]
      }),
    decide: (decide) => decider.transactAsync(async (total) => [{ type: "Added", data: { by: await decide(total) } }]),
    total: (load = "latest") =>
      decider.query((total) => total, load === "latest" ? LoadOption.RequireLeader : LoadOption.AnyCachedValue),
    version: async () => Number(await decider.queryEx(({ version }) => version)),
  }
}

const partition = AppendsPartitionId.wellKnownId

function indexer(
  options: TableOptions,
  limits: { maxBytes?: number; maxVersion?: number; maxStreams?: number } = {},
): Indexer {
  const context = contextOf(options)
  const { maxBytes = 1024 * 1024, maxVersion = 5_000, maxStreams = 100_000 } = limits
  const cache = CachingStrategy.Cache(new MemoryCache())
  const service = new DynamoStoreIndexer(context, cache, maxBytes, maxStreams, BigInt(maxVersion))
  const spansOf = (spans: readonly WireSpan[]) =>
    spans.map(({ p, i, c }) => ({ p: IndexStreamId.ofString(p), i, c: [...c] }))
  return {
    async ingest(spans) {
      await service.ingestWithoutConcurrency(partition, spansOf(spans))
    },
    activeEpoch: async () => Number(await AppendsIndex.Reader.create(context).readIngestionEpochId(partition)),
    partitions: async () => (await AppendsIndex.Reader.create(context).readKnownPartitions()).map(String),
    async epoch(epoch) {
      const reader = AppendsEpoch.Reader.Config.create(context)
      const [, version, { changes, closed }] = await reader.read(partition, AppendsEpochId.parse(String(epoch)), 0n)
      return { spans: changes.flatMap(([, spans]) => spans), closed, version: Number(version) }
    },
  }
}
