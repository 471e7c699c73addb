import { CachingStrategy, MemoryCache } from "@equinox-js/core"
import { AppendsPartitionId, DynamoStoreIndexer, IndexStreamId } from "@equinox-js/dynamo-store-indexer"
import type { EngineUnderTest } from "equinox-windtunnel"
import type { AppendSpan, DynamoStoreIndexerOptions, Indexing } from "equinox-windtunnel/dynamo-store-indexer"
import { BothContexts, published } from "./contexts.js"

const maxEpochBytes = 1024 * 1024

/** The published indexer behind this package's handler and pump, which it has no counterpart for. */
class Indexer implements Indexing {
  readonly #indexer: DynamoStoreIndexer

  constructor({ context, maxEpochStreams = 100_000, maxEpochVersion = 5_000 }: DynamoStoreIndexerOptions) {
    const cache = CachingStrategy.Cache(new MemoryCache(10))
    const version = BigInt(maxEpochVersion)
    this.#indexer = new DynamoStoreIndexer(published(context), cache, maxEpochBytes, maxEpochStreams, version)
  }

  async ingest(partition: string, spans: readonly AppendSpan[]): Promise<void> {
    const named = spans.map(({ stream, index, types }) => ({
      p: IndexStreamId.ofString(stream),
      i: index,
      c: [...types],
    }))
    await this.#indexer.ingestWithoutConcurrency(AppendsPartitionId.parse(partition), named)
  }
}

export default {
  globals: "virtual",
  DynamoStoreContext: BothContexts,
  DynamoStoreIndexer: Indexer,
} satisfies Partial<EngineUnderTest>
