import type { ITimelineEvent } from "../engine/timeline-event.js"
import type { StreamName } from "../engine/stream-name.js"
import type { StreamResult } from "../engine/stream-result.js"
import type { ICheckpoints } from "../engine/checkpoints.js"
import type { Sink } from "../engine/batch.js"
import type { Clock } from "../engine/clock.js"
import type { Warn } from "../engine/warning.js"
import type { ProcessContext, World } from "../sim/world.js"
import type { PgPool } from "../stores/message-db/pg.js"

/** A named deployment and history. It runs on every stage: simulated on the fake, or in real time on a real store. */
export interface Scenario {
  readonly name: string
  readonly title: string
  /** Sets the deployment up, feeds it, troubles it and returns when all of it came to rest (see {@link Stage.settle}). */
  run(stage: Stage): Promise<void>
}

/** The parts that a scenario exercises: the reference engine, or a mutant of it. */
export interface EngineUnderTest {
  readonly StreamsSink: { create(options: SinkOptions): Sink }
  readonly MessageDbSource: { create(options: SourceOptions): { start(signal: AbortSignal): Promise<void> } }
  readonly PgCheckpoints: new (pool: PgPool, schema?: string) => ICheckpoints & { ensureTable(): Promise<void> }
}

export type Handler = (stream: StreamName, events: ITimelineEvent[]) => Promise<void | StreamResult>

export interface SinkOptions {
  readonly handler: Handler
  readonly maxConcurrentStreams: number
  readonly maxReadAhead: number
  readonly requireCompleteStreams?: boolean
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
  readonly consumerGroupMember?: number
  readonly consumerGroupSize?: number
  readonly clock?: Clock
  readonly warn?: Warn
}

/** One consumer: a source, a sink and checkpoints in one process, with every edge observed. */
export interface ConsumerOptions {
  readonly group: string
  readonly categories: readonly string[]
  readonly member?: number
  readonly size?: number
  readonly batchSize: number
  readonly maxConcurrentStreams: number
  readonly maxReadAhead: number
  readonly tailSleepIntervalMs: number
  readonly checkpointIntervalMs: number
  /** The reaction. It may use `self.clock` and `self.port` to take time and to have effects. */
  readonly handler: Handler
}

export interface Stage {
  readonly world: World
  readonly engine: EngineUnderTest
  /** A pool whose connections are this process's: observed, and broken when the process crashes. */
  pool(self: ProcessContext): PgPool
  /** Runs a consumer until `self.signal` aborts (resolves) or it fails (rejects). Emits the trace of every edge. */
  consume(self: ProcessContext, options: ConsumerOptions): Promise<void>
  /** Appends `count` events to a stream through this process's pool, with retries that never write an event twice. */
  append(self: ProcessContext, stream: StreamName, count: number): Promise<void>
  /** Checkpoint rows are moved so that a group of another size goes on without loss. All members must be stopped. */
  resize(self: ProcessContext, group: string, from: number, to: number): Promise<void>
  /**
   * To be called when all input was appended and no more trouble will come: waits until every appended event was
   * handled and every checkpoint stored, or until `withinMs` passed, and then declares the trace quiescent.
   * What is still open then is for the properties to report.
   */
  settle(withinMs: number): Promise<void>
}
