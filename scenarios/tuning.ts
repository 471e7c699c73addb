import type { ConsumerOptions } from "../properties/stage.js"
import type { SeededRandom } from "../sim/seeded-random.js"

/** What of a consumer's options is a matter of tuning: nothing that must hold may depend on it. */
export type Tuning = Pick<
  ConsumerOptions,
  "batchSize" | "maxConcurrentStreams" | "maxReadAhead" | "tailSleepIntervalMs" | "checkpointIntervalMs"
>

/** Draws a tuning. Small numbers, because limits are met often then; short intervals, so that real runs end soon. */
export const drawTuning = (random: SeededRandom): Tuning => ({
  batchSize: random.pick([1, 2, 3, 5, 10, 50]),
  maxConcurrentStreams: random.pick([1, 2, 3, 10]),
  maxReadAhead: random.pick([1, 2, 3, 5]),
  tailSleepIntervalMs: random.integer(10, 60),
  checkpointIntervalMs: random.integer(10, 120),
})
