import type { Scenario } from "../properties/scenario.js"
import { calving } from "./calving.js"
import { consumerGroup } from "./consumer-group.js"
import { crashAndRestart } from "./crash-and-restart.js"
import { epochRollover } from "./epoch-rollover.js"
import { failingHandler } from "./failing-handler.js"
import { groupResize } from "./group-resize.js"
import { hotStream } from "./hot-stream.js"
import { indexLag } from "./index-lag.js"
import { indexerRestarts } from "./indexer-restarts.js"
import { laggingStandby } from "./lagging-standby.js"
import { lateEvents } from "./late-events.js"
import { leftBehind } from "./left-behind.js"
import { oneConsumer } from "./one-consumer.js"
import { oneCrash } from "./one-crash.js"
import { partialProgress } from "./partial-progress.js"
import { processManager } from "./process-manager.js"
import { rollingRestart } from "./rolling-restart.js"
import { severalCategories } from "./several-categories.js"
import { staleReplica } from "./stale-replica.js"
import { startFromTail } from "./start-from-tail.js"
import { storeOutage } from "./store-outage.js"
import { stopAndStart } from "./stop-and-start.js"
import { thirtyCategories } from "./thirty-categories.js"
import { throttling } from "./throttling.js"
import { twoIndexers } from "./two-indexers.js"
import { zombie } from "./zombie.js"

/** Every scenario, in the order in which they are run and listed: from simple to involved. */
export const scenarios: readonly Scenario[] = [
  oneConsumer,
  oneCrash,
  stopAndStart,
  crashAndRestart,
  failingHandler,
  leftBehind,
  partialProgress,
  processManager,
  hotStream,
  lateEvents,
  storeOutage,
  severalCategories,
  thirtyCategories,
  consumerGroup,
  groupResize,
  rollingRestart,
  zombie,
  laggingStandby,
  calving,
  epochRollover,
  indexLag,
  throttling,
  staleReplica,
  startFromTail,
  twoIndexers,
  indexerRestarts,
]
