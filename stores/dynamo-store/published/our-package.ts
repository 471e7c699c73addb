import { StreamName } from "../../../engine/stream-name.js"
import { AccessStrategy } from "../access-strategy.js"
import { DynamoStoreCategory } from "../category.js"
import { jsonCodec } from "../codec.js"
import { Decider } from "../decider.js"
import { DynamoStoreClient } from "../dynamo-store-client.js"
import { DynamoStoreContext } from "../dynamo-store-context.js"
import { EventsContext } from "../events-context.js"
import { DynamoStoreIndexer } from "../index/indexer.js"
import { readEpoch, readPartitions, readTailPosition } from "../index/epoch-reader.js"
import { LoadOption } from "../load-option.js"
import { MemoryCache } from "../memory-cache.js"
import { QueryOptions } from "../query-options.js"
import { TipOptions } from "../tip-options.js"
import {
  type Counter,
  type CounterEvent,
  type CounterOptions,
  fold,
  type Indexer,
  type IndexerLimits,
  isOrigin,
  type Maker,
  type TableOptions,
  toSnapshot,
} from "./counter.js"

/** The counter on this package. */
export const ourPackage: Maker = {
  cache: () => new MemoryCache(),
  counter,
  indexer,
  maxEventBytes: (maxBytes) => TipOptions.create({ maxBytes }).maxEventBytes,
  throughCodec(data) {
    const codec = jsonCodec<{ type: string; data: unknown }>()
    const event = { id: "", time: new Date(0), index: 0n, isUnfold: false, size: 0 }
    return codec.decode({ ...event, ...codec.encode({ type: "T", data }) })?.data
  },
  categoryOf: (name) => StreamName.category(StreamName.parse(name)),
  async read(options, stream, { from = 0, to, count }) {
    const events = await new EventsContext(contextOf(options)).read(stream, BigInt(from), {
      ...(to !== undefined && { before: BigInt(to) }),
      ...(count !== undefined && { count }),
    })
    return events.map(({ index }) => Number(index))
  },
}

function contextOf({ ddb, tableName, tip = {}, query = {} }: TableOptions): DynamoStoreContext {
  return new DynamoStoreContext({
    client: new DynamoStoreClient(ddb),
    tableName,
    tip: TipOptions.create(tip),
    query: QueryOptions.create(query),
  })
}

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
  const category = DynamoStoreCategory.create<CounterEvent, number>({
    context: contextOf(options),
    name: "Counter",
    codec: jsonCodec(),
    fold,
    initial: 0,
    access: accessOf(options),
    ...(options.cache !== undefined && { cache: options.cache as MemoryCache }),
  })
  const decider = Decider.forStream(category, options.id)
  const decide = (by: (total: number) => Promise<number>) =>
    decider.transact(async (total) => [{ type: "Added", data: { by: await by(total) } }])
  return {
    decide,
    add: (by, during) =>
      decide(async () => {
        await during?.()
        return by
      }),
    total: (load = "latest") =>
      decider.query((total) => total, load === "latest" ? LoadOption.RequireLeader : LoadOption.AnyCachedValue),
    version: async () => Number(await decider.queryEx(({ version }) => version)),
  }
}

function indexer(options: TableOptions, limits: IndexerLimits = {}): Indexer {
  const context = contextOf(options)
  const { maxBytes, maxVersion, maxStreams } = limits
  const service = new DynamoStoreIndexer({
    context,
    ...(maxBytes !== undefined && { maxEpochBytes: maxBytes }),
    ...(maxVersion !== undefined && { maxEpochVersion: maxVersion }),
    ...(maxStreams !== undefined && { maxEpochStreams: maxStreams }),
  })
  return {
    async ingest(spans) {
      const ours = spans.map(({ p, i, c }) => ({ stream: p, index: i, types: c }))
      await service.ingest("0", ours)
    },
    activeEpoch: async () => Number((await readTailPosition(context, "0")) / 1_000_000n),
    partitions: async () => readPartitions(context),
    async epoch(epoch) {
      const { entries, isClosed, version } = await readEpoch(context, "0", epoch, 0)
      const spans = entries.flatMap((entry) =>
        entry.spans.map(({ stream, index, types }) => ({ p: stream, i: index, c: types })),
      )
      return { spans, closed: isClosed, version }
    },
  }
}
