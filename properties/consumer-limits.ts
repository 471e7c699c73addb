import type { ConsumerOptions } from "./stage.js"

/** The options of a sink, whichever store feeds it. */
export const sinkLimits = ({
  maxConcurrentStreams,
  maxReadAhead,
  requireCompleteStreams = false,
  maxIdleStreams,
  drainTimeoutMs,
}: ConsumerOptions) => ({
  maxConcurrentStreams,
  maxReadAhead,
  requireCompleteStreams,
  ...(maxIdleStreams !== undefined && { maxIdleStreams }),
  ...(drainTimeoutMs !== undefined && { drainTimeoutMs }),
})

/** The options of a source, whichever its store. */
export const sourceLimits = ({
  tailSleepIntervalMs,
  checkpointIntervalMs,
  maxCheckpointFailures = 1,
  readBackOffMs = 10,
  maxReadBackOffMs = 200,
  drainTimeoutMs,
}: ConsumerOptions) => ({
  tailSleepIntervalMs,
  checkpointIntervalMs,
  maxCheckpointFailures,
  readBackOffMs,
  maxReadBackOffMs,
  ...(drainTimeoutMs !== undefined && { drainTimeoutMs }),
})
