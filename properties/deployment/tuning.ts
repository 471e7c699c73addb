import fc from "fast-check"
import type { ConsumerOptions } from "../stage.js"

/** What of a consumer's options is a matter of tuning: nothing that must hold may depend on it. */
export type Tuning = Pick<
  ConsumerOptions,
  "batchSize" | "maxConcurrentStreams" | "maxReadAhead" | "tailSleepIntervalMs" | "checkpointIntervalMs"
>

/** Small numbers, because limits are met often then; short intervals, so that real runs end soon. */
export const tuning: fc.Arbitrary<Tuning> = fc.record({
  batchSize: fc.constantFrom(1, 2, 3, 5, 10, 50),
  maxConcurrentStreams: fc.constantFrom(1, 2, 3, 10),
  maxReadAhead: fc.constantFrom(1, 2, 3, 5),
  tailSleepIntervalMs: fc.integer({ min: 10, max: 60 }),
  checkpointIntervalMs: fc.integer({ min: 10, max: 120 }),
})
