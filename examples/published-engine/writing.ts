import {
  CachingStrategy,
  Codec,
  Decider,
  LoadOption,
  MaxResyncsExhaustedException,
  MemoryCache,
  StreamId,
} from "@equinox-js/core"
import { AccessStrategy, DynamoStoreCategory } from "@equinox-js/dynamo-store"
import type { EngineUnderTest } from "equinox-windtunnel"
import type * as ours from "equinox-windtunnel/dynamo-store"
import { BothContexts, published } from "./contexts.js"

/** It takes a number of entries, where ours takes options. */
class SmallCache extends MemoryCache {
  constructor() {
    super(10)
  }
}

/** The published decider, category and cache under this package's options; what indexes and reads is this package's. */
export default {
  globals: "virtual",
  DynamoStoreContext: BothContexts,
  AccessStrategy: AccessStrategy as unknown as EngineUnderTest["AccessStrategy"],
  DynamoStoreCategory: { create: category } as unknown as EngineUnderTest["DynamoStoreCategory"],
  Decider: { forStream: decider } as unknown as EngineUnderTest["Decider"],
  LoadOption: LoadOption as unknown as EngineUnderTest["LoadOption"],
  MemoryCache: SmallCache as unknown as EngineUnderTest["MemoryCache"],
} satisfies Partial<EngineUnderTest>

type Category = DynamoStoreCategory & ReturnType<typeof category>

function category<Event, State>(options: ours.DynamoStoreCategoryOptions<Event, State>) {
  const { context, name, codec, fold, initial, access, cache } = options
  return DynamoStoreCategory.create<Event, State, void>(
    published(context),
    name,
    Codec.compress(codec),
    fold,
    initial,
    cache === undefined ? CachingStrategy.NoCache() : CachingStrategy.Cache(cache as unknown as MemoryCache),
    access as unknown as AccessStrategy<Event, State>,
  )
}

function decider(of: Category, id: string) {
  const stream = Decider.forStream(of, StreamId.create(id), undefined)
  return {
    transact: (...args: Parameters<typeof stream.transact>) => stream.transact(...args).catch(named),
    queryEx: stream.queryEx.bind(stream),
  }
}

/** It goes by the name of any error. */
function named(error: unknown): never {
  if (error instanceof MaxResyncsExhaustedException) error.name = "MaxResyncsExhaustedError"
  throw error
}
