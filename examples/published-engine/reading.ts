import { MemoryCache } from "@equinox-js/core"
import { DynamoCheckpoints, DynamoStoreSource, LoadMode } from "@equinox-js/dynamo-store-source"
import type { EngineUnderTest } from "equinox-windtunnel"
import type { LoadMode as OurLoadMode } from "equinox-windtunnel/dynamo-store-source"
import { BothContexts, published } from "./contexts.js"

/** The published source and its checkpoints; what writes and indexes is this package's. */
export default {
  globals: "virtual",
  DynamoStoreContext: BothContexts,
  DynamoStoreSource: {
    create: ({ context, mode, categories, batchSizeCutoff = 100, ...options }) =>
      DynamoStoreSource.create({
        ...options,
        context: published(context),
        mode: mode as unknown as LoadMode,
        categories: [...categories!],
        batchSizeCutoff,
      }),
  },
  LoadMode: {
    IndexOnly: () => passedOn(LoadMode.IndexOnly()),
    WithData: (degreeOfParallelism, context) => passedOn(LoadMode.WithData(degreeOfParallelism, published(context))),
  },
  DynamoCheckpoints: {
    // It has to have a cache.
    create: (context, _cache, checkpointFreqS) =>
      DynamoCheckpoints.create(published(context), new MemoryCache(10), checkpointFreqS),
  },
} satisfies Partial<EngineUnderTest>

/** The stage only hands it from one to the other. */
function passedOn(mode: LoadMode): OurLoadMode {
  return mode as unknown as OurLoadMode
}
