import type { Sink } from "../engine/batch.js"
import type { ICheckpoints } from "../engine/checkpoints.js"
import type { Clock } from "../engine/clock.js"
import type { Random } from "../engine/random.js"
import type { Warn } from "../engine/warning.js"
import type { PgPool } from "../stores/message-db/pg.js"
import type { DynamoStoreParts } from "./dynamo-store-parts.js"
import type { Handler } from "./stage.js"

/** The parts that a scenario exercises: the reference engine, a mutant of it, or foreign code. */
export interface EngineUnderTest extends DynamoStoreParts {
  /**
   * `virtual`: it reads the machine's clock and chance and sets its timers, and is to get those of the simulation, see
   * `SimulationOptions.globals`. Default: it takes the clock and the randomness that it is given.
   */
  readonly globals?: "virtual"
  readonly StreamsSink: { create(options: SinkOptions): HoldingSink }
  readonly MessageDbSource: { create(options: SourceOptions): { start(signal: AbortSignal): Promise<void> } }
  readonly PgCheckpoints: new (pool: PgPool, schema?: string) => ICheckpoints & { ensureTable(): Promise<void> }
}

/** A sink that may say what it holds. */
export interface HoldingSink extends Sink {
  /** Events that wait for a call or are in one, and streams of which at least the position is remembered. */
  held?(): { readonly events: number; readonly streams: number }
}

export interface SinkOptions {
  readonly handler: Handler
  readonly maxConcurrentStreams: number
  readonly maxReadAhead: number
  readonly requireCompleteStreams?: boolean
  readonly maxIdleStreams?: number
  readonly clock?: Clock
  readonly warn?: Warn
}

export interface SourceOptions {
  readonly pool: PgPool
  readonly categories: string[]
  readonly groupName: string
  readonly checkpoints: ICheckpoints
  readonly sink: Sink
  readonly batchSize?: number
  readonly tailSleepIntervalMs: number
  readonly checkpointIntervalMs?: number
  readonly maxCheckpointFailures?: number
  readonly readBackOffMs?: number
  readonly maxReadBackOffMs?: number
  readonly consumerGroupMember?: number
  readonly consumerGroupSize?: number
  readonly clock?: Clock
  readonly random?: Random
  readonly warn?: Warn
}
